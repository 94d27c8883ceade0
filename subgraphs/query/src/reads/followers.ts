import type { RelationDoc } from '@rookery/stores/documents';
import type { PageRoom } from '../answer-size/weigh.ts';
import type { QueryContext } from '../context.ts';
import { presentUser } from '../hydrate.ts';
import type { UserModel } from '../models.ts';
import { type Connection, type Placed, pageSize, readPage, toConnection } from '../page.ts';
import { maySeeFollow } from '../visibility.ts';
import type { PageArgs } from './feed.ts';

interface Candidate extends Placed {
  readonly follow: RelationDoc;
  /** The one at the other end. */
  readonly user: string;
}

/** Both directions of following, newest first. */
export const readFollows = async (
  { loaders, reader, sources: { cursors } }: QueryContext,
  kind: 'followers' | 'following',
  user: string,
  args: PageArgs,
  room: PageRoom<UserModel>,
): Promise<Connection<UserModel>> => {
  const [own, other] = kind === 'followers' ? (['object', 'actor'] as const) : (['actor', 'object'] as const);
  const slice = await readPage<Candidate, UserModel>({
    first: pageSize(args.first),
    after: cursors.read(kind, user, args.after),
    candidates: async (after, limit) => {
      const follows = await reader.collection('follows').page({
        where: { [own]: user, active: true },
        orderBy: 'position',
        direction: 'desc',
        ...(after === undefined ? {} : { after }),
        limit,
      });
      return follows.flatMap(({ doc }) =>
        doc.position === null ? [] : [{ position: doc.position, follow: doc, user: doc[other] }],
      );
    },
    room,
    present: (candidates) =>
      Promise.all(
        candidates.map(async ({ follow, user: id }) => {
          const doc = await loaders.users.load(id);
          return maySeeFollow(follow, doc) ? presentUser(id, doc) : undefined;
        }),
      ),
  });
  return toConnection(cursors, kind, user, slice);
};
