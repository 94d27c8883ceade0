import type { Documents } from '@rookery/document-store';
import { newer, type RelationDoc, relationId, type Version } from '@rookery/read-models';
import { maySeeActivityOf, unrelated, type ViewerRelation } from '@rookery/read-models/visibility';
import { isId, type Logger } from '@rookery/runtime';
import { type Envelope, eventKinds, isOf } from '@rookery/schema/events';
import { LRUCache } from 'lru-cache';

/** Blocks as commands see them. */
export interface Blocks {
  /** Returns whether one of two users blocks the other. */
  between(one: string, other: string): Promise<boolean>;
  /** Returns who of the two blocks the other. */
  relation(viewer: string, other: string): Promise<ViewerRelation>;
  /** Remembers the event if it sets or ends a block: the actor's next command may come before that is projected. */
  published(event: Envelope): void;
}

/** A block that is set or has ended. */
type Block = Pick<RelationDoc, 'active' | 'version'>;

/** Number of blocks, set or ended, that this process remembers, for much longer than it takes to project them. */
const cacheSize = 10_000;

/**
 * Creates a check of blocks that reads the documents, and knows what this process has published since. If the documents
 * do not answer, the command goes on as if they had no block: reads hide the one from the other all the same, and a follow
 * during a block has no effect.
 * @param execute calls the documents by the policy of their link
 */
export const createBlocks = (
  documents: Pick<Documents, 'collection'>,
  execute: <T>(call: () => Promise<T>) => Promise<T>,
  log: Logger,
): Blocks => {
  const remembered = new LRUCache<string, Block>({ max: cacheSize });

  const read = async (ids: readonly string[]): Promise<ReadonlyMap<string, { readonly doc: Block }>> => {
    try {
      return await execute(() => documents.collection<RelationDoc>('blocks').getMany(ids));
    } catch (error) {
      log.debug({ error, collection: 'blocks' }, 'documents did not answer');
      return new Map();
    }
  };

  const relation = async (viewer: string, other: string): Promise<ViewerRelation> => {
    if (viewer === other || !isId(other)) return unrelated;
    const ids = [relationId(viewer, other), relationId(other, viewer)] as const;
    const stored = await read(ids);
    const isActive = (id: string): boolean => {
      const [doc, own] = [stored.get(id)?.doc, remembered.get(id)];
      return own && newer(own.version, doc?.version ?? null) ? own.active : doc?.active === true;
    };
    return { blocks: isActive(ids[0]), isBlocked: isActive(ids[1]) };
  };

  return {
    relation,
    between: async (one, other) => !maySeeActivityOf(await relation(one, other)),
    published: (event) => {
      const active = isOf(event, eventKinds.userBlocked);
      if (!active && !isOf(event, eventKinds.userUnblocked)) return;
      const { id: eventId, time, actor, subject } = event;
      const id = relationId(actor, subject);
      const version: Version = [time, eventId];
      if (newer(version, remembered.get(id)?.version ?? null)) remembered.set(id, { active, version });
    },
  };
};
