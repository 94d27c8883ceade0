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
  const posts = new Set<string>();
  const relations = new Set<string>();
  for (const { calls } of plan.phases) {
    const before = new Set(posts);
    for (const call of calls) {
      expect(people.has(call.actor)).toBe(true);
      if (call.field === 'publishPost') {
        expect(posts.has(call.post), call.post).toBe(false);
        posts.add(call.post);
        expect(call.body.length).toBeGreaterThan(0);
        expect(call.body).not.toContain('undefined');
        if (call.inReplyTo !== undefined) expect(before.has(call.inReplyTo)).toBe(true);
        continue;
      }
      const object = call.field === 'followUser' ? call.user : call.post;
      const relation = `${call.actor} ${call.field} ${object}`;
      expect(relations.has(relation), relation).toBe(false);
      relations.add(relation);
      if (call.field === 'followUser') {
        expect(people.has(call.user)).toBe(true);
        expect(call.user).not.toBe(call.actor);
      } else expect(before.has(call.post), call.post).toBe(true);
    }
  }
};
