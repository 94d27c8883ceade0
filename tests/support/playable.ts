import type { Plan } from '@rookery/demo/plan';
import { expect } from 'vitest';

/** Asserts that the API can execute every call of a plan: it refers only to existing things and repeats nothing. */
export const isPlayable = (plan: Plan): void => {
  const people = new Set(plan.people.map((p) => p.handle));
  expect(people.size).toBe(plan.people.length);
  expect(people.has(plan.guide)).toBe(true);
  for (const { handle, name } of plan.people) {
    expect(handle).toMatch(/^[a-z0-9_]{3,30}$/);
    expect(name.length).toBeLessThanOrEqual(80);
  }
  const done: Done = { people, posts: new Set(), relations: new Set() };
  for (const { calls } of plan.phases) {
    const before = new Set(done.posts);
    for (const call of calls) checkCall(call, before, done);
  }
};

type Call = Plan['phases'][number]['calls'][number];

/** Results of the calls so far. */
interface Done {
  readonly people: ReadonlySet<string>;
  readonly posts: Set<string>;
  readonly relations: Set<string>;
}

/** @param before posts of the earlier phases */
const checkCall = (call: Call, before: ReadonlySet<string>, { people, posts, relations }: Done): void => {
  expect(people.has(call.actor)).toBe(true);
  if (call.field === 'publishPost') {
    expect(posts.has(call.post), call.post).toBe(false);
    posts.add(call.post);
    expect(call.body.length).toBeGreaterThan(0);
    expect(call.body).not.toContain('undefined');
    if (call.inReplyTo !== undefined) expect(before.has(call.inReplyTo)).toBe(true);
    return;
  }
  const object = 'user' in call ? call.user : call.post;
  const relation = `${call.actor} ${call.field} ${object}`;
  expect(relations.has(relation), relation).toBe(false);
  relations.add(relation);
  if ('user' in call) {
    expect(people.has(call.user)).toBe(true);
    expect(call.user).not.toBe(call.actor);
  } else expect(before.has(call.post), call.post).toBe(true);
};
