import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import type { Loaders } from '../loaders.ts';
import type { RevisionModel } from '../models.ts';
import { type Order, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import type { View } from '../pipeline.ts';

/** A text of a post, at the position of its event. */
interface Text extends RevisionModel {
  readonly position: number;
}

const revisionsCursor = defineCursorKind('revisions');

/** Returns the texts that the author has given to a post, newest first; only the newest if an earlier version stored it. */
export const textsOf = async (loaders: Loaders, id: string): Promise<readonly Text[]> => {
  const [post, history] = await Promise.all([loaders.posts.load(id), loaders.histories.load(id)]);
  if (!post?.author || post.body === null || post.createdAt === null || post.position === null) return [];
  const { body, createdAt, editedAt, first, position } = post;
  const edits = history?.edits[post.author] ?? [];
  if (editedAt !== null && edits.length === 0) return [{ body, at: editedAt, position }];
  const published = editedAt === null ? body : first;
  return [
    ...edits,
    ...(published === undefined ? [] : [{ body: published, at: createdAt, position }]),
  ].toSorted((a, b) => b.position - a.position);
};

const textView: View<Text, Text, Text, RevisionModel> = {
  hydrate: async (text) => text,
  // Everybody who sees the post may see its former texts.
  isVisible: (_text): _text is Text => true,
  present: ({ body, at }) => ({ body, at }),
};

const following = (texts: readonly Text[], from: number | undefined, order: Order): readonly Text[] => {
  const ordered = order === 'desc' ? texts : texts.toReversed();
  if (from === undefined) return ordered;
  return ordered.filter(({ position }) => (order === 'desc' ? position < from : position > from));
};

/** Reads the texts of a post that the viewer sees, newest first. */
export const readRevisions = async (
  { loaders, sources: { cursors } }: QueryContext,
  post: string,
  args: PageArgs,
  room: PageRoom<RevisionModel>,
): Promise<Connection<RevisionModel>> => {
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, order, limit) =>
        following(await textsOf(loaders, post), from, order).slice(0, limit),
      view: textView,
    },
    pageRequest(args, cursors, revisionsCursor, post),
    room,
  );
  return toConnection(cursors, revisionsCursor, post, page);
};
