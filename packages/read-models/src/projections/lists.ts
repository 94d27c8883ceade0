import { eventKinds } from '@rookery/schema/events';
import { type Collection, defineCollection, newer, type Version, versionOf } from './define.ts';
import { applyToggle, type RelationDoc, relationId } from './relation.ts';

const { listCreated, listRenamed, listDeleted, listMemberAdded, listMemberRemoved } = eventKinds;

/** `lists/<owner>:<list>`: what one user says of a list. It is a list once this user has created it. */
export interface ListDoc {
  readonly actor: string;
  readonly list: string;
  /** Null before it is created, and once it is deleted. */
  readonly name: string | null;
  /** Version of the newest name that was given later; null for the first name. */
  readonly nameVersion: Version | null;
  /** Position of the creation; null before it. */
  readonly position: number | null;
  readonly deleted: boolean;
  /** Derived: it is there. */
  readonly active: boolean;
}

/** Returns the id of the document of a list. */
export const listId = (owner: string, list: string): string => relationId(owner, list);

const withState = (doc: ListDoc): ListDoc => ({
  ...doc,
  ...(doc.deleted ? { name: null, nameVersion: null } : {}),
  active: doc.position !== null && !doc.deleted,
});

/** Private. Events of others about a list have documents of their own, which nobody reads. */
export const lists: Collection<ListDoc, never> = defineCollection<ListDoc>()({
  idPrefix: 'actor',
  indexes: [{ equal: ['actor', 'active'], order: 'position' }],
  on: [listCreated, listRenamed, listDeleted],
  affectedIds: ({ event }) => [listId(event.actor, event.subject)],
  merge: (before, recorded) => {
    const { event, position } = recorded;
    const { actor, subject: list } = event;
    const doc = before ?? {
      ...{ actor, list, name: null, nameVersion: null, position: null, deleted: false, active: false },
    };
    switch (event.name) {
      case 'rookery.list.created':
        if (doc.position !== null) return doc;
        return withState({ ...doc, position, name: doc.nameVersion ? doc.name : event.data.name });
      case 'rookery.list.renamed':
        if (before && (doc.deleted || !newer(versionOf(recorded), doc.nameVersion))) return before;
        return withState({ ...doc, name: event.data.name, nameVersion: versionOf(recorded) });
      default:
        return before?.deleted ? before : withState({ ...doc, deleted: true });
    }
  },
  topics: ({ actor }) => [`viewer:${actor}`],
});

/** `listMembers/<owner>:<list>:<member>`: the object is the member. */
export interface ListMemberDoc extends RelationDoc {
  readonly list: string;
}

/** Private. */
export const listMembers: Collection<ListMemberDoc, never> = defineCollection<ListMemberDoc>()({
  idPrefix: 'actor',
  indexes: [{ equal: ['actor', 'list', 'active'], order: 'position' }],
  on: [listMemberAdded, listMemberRemoved],
  affectedIds: ({ event }) => [relationId(listId(event.actor, event.subject), event.data.member)],
  merge: (doc, recorded) => {
    const { event } = recorded;
    const switched = applyToggle(doc, recorded, event.name === listMemberAdded.name);
    if (switched === doc) return doc;
    const { actor, subject: list } = event;
    return { ...switched, actor, list, object: event.data.member } as ListMemberDoc;
  },
  topics: ({ actor }) => [`viewer:${actor}`],
});
