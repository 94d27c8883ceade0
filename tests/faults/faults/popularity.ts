import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type { Fault, FaultContext } from '../fault.ts';
import { perform, signUp } from '../workload/send.ts';
import type { Person } from '../workload/world.ts';

/**
 * Number of likes and of followers in a full run. More take longer to make than the fault may take:
 * tests/projector/constant-counts.long has 5,000,000 likes.
 */
const members = 200_000;
const rounds = 7;

/** Ids of relations of people who exist nowhere else. */
const madeUp = 'ffffffff-';

const median = (all: readonly number[]): number => all.toSorted((a, b) => a - b)[all.length >> 1] ?? 0;

/** Makes relations to a post or a user in bulk, together with their count. */
const make = async (client: pg.Client, collection: string, count: string, object: string, n: number) => {
  await client.query(
    `insert into documents.${collection} (id, revision, doc)
       select actor || ':' || $1, 1, jsonb_build_object('actor', actor, 'object', $1::text, 'active', true,
         'version', jsonb_build_array('2026-01-01T00:00:00.000Z', actor), 'position', -n, 'since', '2026-01-01T00:00:00.000Z')
       from (select n, '${madeUp}0000-4000-8000-' || lpad(n::text, 12, '0') as actor from generate_series(1, $2::int) as n) as made`,
    [object, n],
  );
  await add(client, count, n);
};

const add = (client: pg.Client, count: string, n: number) =>
  client.query(
    `insert into documents.counts as present (id, revision, doc) values ($1, 1, jsonb_build_object('n', $2::int))
     on conflict (id) do update set revision = present.revision + 1,
       doc = jsonb_build_object('n', (present.doc->>'n')::int + $2::int)`,
    [count, n],
  );

/** Somebody with one post. */
const author = async ({ workload: { world } }: FaultContext): Promise<{ person: Person; post: string }> => {
  const person = await signUp(world, `popular_${randomUUID().slice(0, 8)}`);
  if (!person) throw new Error('nobody could sign up');
  const data = { body: 'read by many' };
  const { activity } = await perform(world, person, {
    action: 'publish',
    subject: null,
    data,
    key: randomUUID(),
  });
  if (activity === null) throw new Error('nothing was published');
  return { person, post: activity };
};

/** Time from the answer to a command until a count has another value, in ms. */
const timeToCount = async (
  { workload: { world, herald }, until }: FaultContext,
  client: pg.Client,
  action: 'like' | 'unlike' | 'follow' | 'unfollow',
  subject: string,
  count: string,
): Promise<number> => {
  const now = async (): Promise<number> =>
    (
      await client.query<{ n: number }>(`select (doc->>'n')::int as n from documents.counts where id = $1`, [
        count,
      ])
    ).rows[0]?.n ?? 0;
  const before = await now();
  await perform(world, herald, { action, subject, data: {}, key: randomUUID() });
  return until(`${action} is counted`, 20_000, async () => (await now()) !== before);
};

export const popularityFaults: readonly Fault[] = [
  {
    name: 'popular-post-and-author',
    row: 'a post with 5,000,000 likes, an author with 5,000,000 followers',
    expected: 'one more like or follow is counted as fast as on any other; others notice nothing',
    async run(context) {
      const { arena, pace, expect, figure, fired } = context;
      const n = Math.round(members * pace);
      const [popular, ordinary] = [await author(context), await author(context)];
      const client = new pg.Client({ connectionString: arena.urls.documents });
      client.on('error', () => {});
      await client.connect();
      const likes = `likes:${popular.post}`;
      const followers = `followers:${popular.person.id}`;
      try {
        await client.query('begin');
        await make(client, 'likes', likes, popular.post, n);
        await make(client, 'follows', followers, popular.person.id, n);
        await client.query('commit');
        fired(`${n} likes of a post, and ${n} followers of its author`);
        const times = { popular: [] as number[], ordinary: [] as number[] };
        for (let round = 0; round < rounds; round++) {
          const [likeOrNot, followOrNot] =
            round % 2 === 0 ? (['like', 'follow'] as const) : (['unlike', 'unfollow'] as const);
          for (const [which, { person, post }] of Object.entries({ popular, ordinary }) as [
            keyof typeof times,
            typeof popular,
          ][]) {
            const all = times[which];
            all.push(await timeToCount(context, client, likeOrNot, post, `likes:${post}`));
            all.push(await timeToCount(context, client, followOrNot, person.id, `followers:${person.id}`));
          }
        }
        figure('like or follow until counted, popular', median(times.popular));
        figure('like or follow until counted, ordinary', median(times.ordinary));
        expect(
          'the popular are not slower',
          median(times.popular) < 1.5 * median(times.ordinary) + 50,
          times,
        );
      } finally {
        await client.query('rollback');
        await client.query('begin');
        for (const [collection, count] of [
          ['likes', likes],
          ['follows', followers],
        ] as const) {
          const { rowCount } = await client.query(
            `delete from documents.${collection} where id >= $1 and id < $2`,
            [madeUp, 'ffffffff.'],
          );
          if (rowCount) await add(client, count, -rowCount);
        }
        await client.query('commit');
        await client.end();
      }
    },
  },
];
