import { listId } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import { type QueryContext, viewerOf } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import { readItemEntries } from '../item-entries.ts';
import type { FeedItemModel, ListModel, UserModel } from '../models.ts';
import { fewSpare, type Order, type Placed, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { feedProjections } from '../progress.ts';
import { withoutRepeats } from '../repeats-reader.ts';
import { listItemView, mentionView } from '../views.ts';

/** Lists of one user, and members of one list, that are used: the newest. Every statement about a list is bounded by them. */
const maxLists = 50;
const maxMembers = 200;

const membersCursor = defineCursorKind('list-members');
const feedCursor = defineCursorKind('list-feed');

/** Reads the viewer's lists, the newest first. Nobody else can read them. */
export const readLists = async (context: QueryContext): Promise<ListModel[]> => {
  const lists = await context.reader.collection('lists').page({
    where: { actor: viewerOf(context), active: true },
    orderBy: 'position',
    direction: 'desc',
    limit: maxLists,
  });
  return lists.map(({ doc }) => ({ id: doc.list, name: doc.name ?? '' }));
};

/** Reads one of the viewer's lists. A list of somebody else is as absent as one that never was. */
export const readList = async (context: QueryContext, id: string): Promise<ListModel | undefined> => {
  const found = await context.loaders.lists.load(listId(viewerOf(context), id));
  return found?.active ? { id, name: found.name ?? '' } : undefined;
};

interface Member extends Placed {
  readonly user: string;
}

const readMembers = async (context: QueryContext, { id }: ListModel): Promise<Member[]> => {
  const members = await context.reader.collection('listMembers').page({
    where: { actor: viewerOf(context), list: id, active: true },
    orderBy: 'position',
    direction: 'desc',
    limit: maxMembers,
  });
  return members.flatMap(({ doc }) =>
    doc.position === null ? [] : [{ user: doc.object, position: doc.position }],
  );
};

/** Returns the part of a list that is held whole. */
const sliceOf = (all: readonly Member[], from: number | undefined, order: Order, limit: number) =>
  (order === 'desc' ? all : all.toReversed())
    .filter(({ position }) => from === undefined || (order === 'desc' ? position < from : position > from))
    .slice(0, limit);

/** Reads the members of a list, the one who was added last first. */
export const readListMembers = async (
  context: QueryContext,
  list: ListModel,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const { cursors } = context.sources;
  const request = pageRequest(args, cursors, membersCursor, list.id);
  const members = await readMembers(context, list);
  const view = mentionView(context.loaders);
  const page = await readPage(
    {
      order: 'desc',
      candidates: async (from, order, limit) => sliceOf(members, from, order, limit),
      view: { ...view, hydrate: ({ user }: Member) => view.hydrate(user) },
    },
    request,
    room,
  );
  return toConnection(cursors, membersCursor, list.id, page);
};

/** Reads what the members of a list have posted and shared, newest first, by the index of their own feeds. */
export const readListFeed = async (
  context: QueryContext,
  list: ListModel,
  args: PageArgs,
  room: PageRoom<FeedItemModel>,
): Promise<Connection<FeedItemModel>> => {
  const { cursors } = context.sources;
  const request = pageRequest(args, cursors, feedCursor, list.id);
  const { page, upTo } = await context.onOneReplica(async () => {
    // Before anything else, as for the friends feed.
    const upTo = (await context.progress()).upTo(feedProjections);
    const members = (await readMembers(context, list)).map(({ user }) => user);
    const source = withoutRepeats(context, {
      view: listItemView(context.loaders),
      spare: fewSpare,
      candidates: async (start, direction, limit) => {
        if (members.length === 0) return [];
        const from = direction === 'desc' ? Math.min(start ?? upTo + 1, upTo + 1) : (start ?? 0);
        const window = { field: 'position', direction, from, limit } as const;
        const entries = await readItemEntries(context, { where: { actor: members } }, window);
        return entries.filter(({ position }) => position <= upTo);
      },
    });
    return { page: await readPage(source, request, room), upTo };
  });
  return toConnection(cursors, feedCursor, list.id, page, upTo);
};
