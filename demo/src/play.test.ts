import fc from 'fast-check';
import { expect, test } from 'vitest';
import { operationOf, resultsOf } from './operations.ts';
import type { Call } from './plan.ts';
import { batches } from './play.ts';

const follow = (actor: string, user: string): Call => ({ field: 'followUser', actor, user });

test('batches: each of one actor, in the order of the plan, ten at most, nothing lost', () => {
  const call = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat()).map(([actor, n]) => follow(actor, `${n}`));
  fc.assert(
    fc.property(fc.array(call, { maxLength: 100 }), (calls) => {
      const groups = batches(calls);
      for (const group of groups) {
        expect(group.length).toBeLessThanOrEqual(10);
        expect(new Set(group.map((c) => c.actor)).size).toBe(1);
      }
      for (const actor of ['a', 'b', 'c']) {
        expect(groups.flat().filter((c) => c.actor === actor)).toEqual(
          calls.filter((c) => c.actor === actor),
        );
      }
    }),
  );
});

test('an operation carries each call with a key that is the same in every run', () => {
  const calls: Call[] = [
    follow('ann', 'bob'),
    { field: 'publishPost', actor: 'ann', post: 'ann/1', body: 'Yes.', inReplyTo: 'bob' },
  ];
  const ids = { users: new Map([['bob', 'U']]), posts: new Map([['bob', 'P']]) };
  expect(operationOf(calls, ids, 'T')).toEqual({
    query:
      'mutation Demo($c0: UserInput!, $c1: PublishPostInput!) { c0: followUser(input: $c0) { activity { id } } c1: publishPost(input: $c1) { activity { id } post { id } } }',
    variables: {
      c0: { userId: 'U', idempotencyKey: 'demo/follow/bob' },
      c1: { body: 'Yes.', inReplyTo: 'P', idempotencyKey: 'demo/post/ann/1' },
    },
    token: 'T',
  });
  expect(
    resultsOf(calls, { c0: { activity: { id: 'A' } }, c1: { activity: { id: 'B' }, post: { id: 'B' } } }),
  ).toEqual([
    { call: calls[0], activity: 'A', post: undefined },
    { call: calls[1], activity: 'B', post: 'B' },
  ]);
});
