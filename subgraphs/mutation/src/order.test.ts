import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import { createLog, newId } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClock } from './clock.ts';
import { likePost, unlikePost } from './commands/reaction.ts';
import { createExecute, type ExecuteParts } from './execute.ts';

/** Queue that all replicas share; each request takes effect when the scheduler decides. */
const sharedQueue = (scheduler: fc.Scheduler) => {
  const marks = new Map<string, number>();
  const claims = new Map<string, Envelope>();
  const published: Envelope[] = [];
  /** On its way to the queue, and back again. */
  const asked = async <T>(name: string, effect: () => T): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `${name} arrives`);
    const answer = effect();
    await scheduler.schedule(Promise.resolve(), `${name} is answered`);
    return answer;
  };
  const queue: ExecuteParts['queue'] = {
    highWaterMark: (actor) => asked('read', () => marks.get(actor) ?? 0),
    raiseHighWaterMark: (actor, time) =>
      asked('raise', () => void marks.set(actor, Math.max(time, marks.get(actor) ?? 0))),
    publish: (event) => asked('publish', () => void published.push(event)),
    claim: (event) =>
      asked('claim', () => {
        const first = claims.get(event.id);
        claims.set(event.id, first ?? event);
        return { event: first ?? event, first: first === undefined };
      }),
    claimed: (id) => asked('claimed', () => claims.get(id)),
  };
  return { queue, published };
};

const command = fc.record({ replica: fc.nat(2), on: fc.boolean(), keyed: fc.boolean() });

it('gives later versions to commands sent after an answer, in any interleaving, whatever the clocks', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.scheduler(),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 3, maxLength: 3 }),
      // The commands of a group are sent at once, those of the next when all of them are answered.
      fc.array(fc.array(command, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }),
      async (scheduler, skews, groups) => {
        const { queue, published } = sharedQueue(scheduler);
        let now = Date.UTC(2026, 0, 1);
        const replicas = skews.map((skew) =>
          createExecute({
            queue,
            clock: createClock(() => now + skew),
            lookup: {
              seenBy: () => ({
                post: async () => 'unknown',
                inThread: async () => 'unknown',
                withQuotes: async () => 'unknown',
                user: async () => 'unknown',
                anyPost: async () => 'unknown',
                account: async () => 'unknown',
                reportsOf: async () => ({ reporters: [], newestAt: 0 }),
                anyUser: async () => 'unknown',
                list: async () => 'unknown',
                mentionedIn: async () => [],
                mutedWords: async () => [],
                positionOf: () => undefined,
                lastFollowedBy: async () => 0,
              }),
              recorded: async () => 'absent',
              published: () => {},
            },
            sessions: { suspend: async () => undefined, unsuspend: async () => undefined },
            metrics: { count: (_verb, run) => run(), timePublish: (run) => run() },
          }),
        );
        const actor = newId();
        const postId = newId();
        const context = {
          viewer: actor,
          session: null,
          requestId: newId(),
          traceparent: undefined,
          readAfter: [],
          log: createLog('test', 'silent'),
        } as unknown as SubgraphContext;
        let before = '';
        for (const group of groups) {
          now += 1;
          const answers = Promise.all(
            group.map(({ replica, on, keyed }) =>
              replicas[replica]?.(
                on ? likePost : unlikePost,
                { postId, ...(keyed ? { idempotencyKey: newId() } : {}) },
                context,
              ),
            ),
          );
          await scheduler.waitFor(answers);
          const times = (await answers).flatMap((event) => (event ? [event.time] : []));
          for (const time of times) expect(time > before).toBe(true);
          before = times.toSorted().at(-1) ?? before;
        }
        expect(published).toHaveLength(groups.flat().length);
      },
    ),
  );
});
