import type { RelationDoc } from '@rookery/read-models';
import type { PageRoom } from '../answer-size/weigh.ts';
import { type Connection, toConnection } from '../connection.ts';
import type { QueryContext } from '../context.ts';
import { defineCursorKind } from '../cursor.ts';
import { presentUser } from '../hydrate.ts';
import type { UserModel } from '../models.ts';
import { type Placed, readPage } from '../page.ts';
import { type PageArgs, pageRequest } from '../page-request.ts';
import { maySeeFollow } from '../visibility.ts';

interface Candidate extends Placed {
  readonly follow: RelationDoc;
  /** Id of the user at the other end. */
  readonly user: string;
}

export const followCursors = {
  followers: defineCursorKind('followers'),
  following: defineCursorKind('following'),
} as const;

/** Reads the followers of a user, or whom the user follows, newest first. */
export const readFollows = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  list: keyof typeof followCursors,
  user: string,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const [own, other] = list === 'followers' ? (['object', 'actor'] as const) : (['actor', 'object'] as const);
  const page = await readPage<Candidate, UserModel>(
    {
      order: 'desc',
      candidates: async (from, direction, limit) => {
        const follows = await reader.collection('follows').page({
          where: { [own]: user, active: true },
          orderBy: 'position',
          direction,
          ...(from === undefined ? {} : { after: from }),
          limit,
        });
        return follows.flatMap(({ doc }) =>
          doc.position === null ? [] : [{ position: doc.position, follow: doc, user: doc[other] }],
        );
      },
      present: (candidates) =>
        Promise.all(
          candidates.map(async ({ follow, user: id }) => {
            const doc = await loaders.users.load(id);
            return maySeeFollow(follow, doc) ? presentUser(id, doc) : undefined;
          }),
        ),
    },
    pageRequest(args, cursors, followCursors[list], user),
    room,
  );
  return toConnection(cursors, followCursors[list], user, page);
};
