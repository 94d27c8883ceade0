import { expect, test } from 'vitest';
import { isPlayable } from '../../tests/support/playable.ts';
import { lesMiserables, planFrom } from './les-miserables.ts';
import { countOf } from './plan.ts';

const plan = lesMiserables();

test('the network of the book: 77 people who follow each other if they share a chapter', () => {
  expect(plan.people).toHaveLength(77);
  expect(countOf(plan, 'followUser')).toBe(2 * 254);
  expect(plan.guide).toBe('valjean');
  // Each introduces themselves with a hashtag, and mentions somebody.
  const posts = plan.phases.flatMap(({ calls }) => calls.filter((call) => call.field === 'publishPost'));
  const handles = new Set(plan.people.map(({ handle }) => handle));
  const mentioned = posts.flatMap(({ body }) => /#LesMisérables, most with @(\w+)\./.exec(body)?.[1] ?? []);
  expect(mentioned.filter((handle) => handles.has(handle))).toHaveLength(77);
});

test('the guide blocks somebody who is nobody to them, so that the block ends no follow', () => {
  const calls = plan.phases.flatMap(({ calls }) => calls);
  const [block, ...more] = calls.flatMap((call) => (call.field === 'blockUser' ? [call] : []));
  expect([block?.actor, more]).toEqual(['valjean', []]);
  const follows = calls.flatMap((call) =>
    call.field === 'followUser' ? [`${call.actor} ${call.user}`] : [],
  );
  expect(follows).not.toContain(`valjean ${block?.user}`);
  expect(follows).not.toContain(`${block?.user} valjean`);
});

test('the plan can be played', () => isPlayable(plan));

test('names are written apart', () => {
  const names = new Map(plan.people.map(({ handle, name }) => [handle, name]));
  expect(names.get('countess_de_lo')).toBe('Countess de Lo');
  expect(names.get('mlle_baptistine')).toBe('Mlle. Baptistine');
  expect(names.get('mme_de_r')).toBe('Mme. de R');
  expect(names.get('woman_1')).toBe('Woman 1');
});

test('texts are facts of the data', () => {
  const small = planFrom({
    nodes: [{ name: 'Ann' }, { name: 'Bob' }, { name: 'Cid' }],
    links: [
      { source: 0, target: 1, value: 7 },
      { source: 1, target: 2, value: 1 },
    ],
  });
  const texts = small.phases.flatMap(({ calls }) =>
    calls.flatMap((c) => (c.field === 'publishPost' ? [`${c.actor} on ${c.post}: ${c.body}`] : [])),
  );
  expect(texts).toEqual([
    'ann on ann: I appear with 1 of the 2 others in #LesMisérables, most with @bob.',
    'bob on bob: I appear with 2 of the 2 others in #LesMisérables, most with @ann.',
    'cid on cid: I appear with 1 of the 2 others in #LesMisérables, most with @bob.',
    'ann on ann/bob: In 7 chapters with Bob.',
    'bob on bob/ann: In 7 chapters with Ann.',
    'cid on cid/bob: In 1 chapter with Bob.',
    'bob on bob/cid: In 1 chapter with Cid.',
    'bob on ann/bob/reply: With nobody in more.',
    'ann on bob/ann/reply: With nobody in more.',
    'bob on cid/bob/reply: With Ann in 7 chapters.',
    'cid on bob/cid/reply: With nobody in more.',
  ]);
  // Ann and Bob share more than one chapter, so they like each other's introduction. People also like posts
  // about themselves.
  expect(countOf(small, 'likePost')).toBe(2 + 4);
  expect(countOf(small, 'sharePost')).toBe(2);
});
