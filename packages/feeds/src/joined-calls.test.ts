import { expect, it } from 'vitest';
import { joinCalls } from './joined-calls.ts';

/** Notes what each call asks for, and answers its questions. */
const noting = (limits = { questions: 10, weight: 10 }) => {
  const calls: (readonly number[])[] = [];
  const ask = joinCalls<number, string>(
    async (questions) => {
      calls.push(questions);
      if (questions.includes(13)) throw new TypeError('thirteen');
      return questions.map((question) => `answer ${question}`);
    },
    { ...limits, weightOf: (question) => question },
  );
  return { calls, ask };
};

it('joins what is asked for in one step, and answers each question', async () => {
  const { calls, ask } = noting();
  const later = async (question: number) => {
    await null;
    return ask(question);
  };
  expect(await Promise.all([ask(1), later(2), ask(3)])).toEqual(['answer 1', 'answer 2', 'answer 3']);
  expect(calls).toEqual([[1, 3, 2]]);
  expect(await ask(4)).toBe('answer 4');
  expect(calls).toEqual([[1, 3, 2], [4]]);
});

it.each([
  { limits: { questions: 2, weight: 100 }, asked: [1, 2, 3], calls: [[1, 2], [3]] },
  { limits: { questions: 10, weight: 5 }, asked: [2, 3, 1], calls: [[2, 3], [1]] },
  { limits: { questions: 10, weight: 5 }, asked: [9, 1, 9], calls: [[9], [1], [9]] },
  { limits: { questions: 1, weight: 5 }, asked: [1, 1], calls: [[1], [1]] },
])('asks for $asked within $limits', async ({ limits, asked, calls }) => {
  const noted = noting(limits);
  await Promise.all(asked.map(noted.ask));
  expect(noted.calls).toEqual(calls);
});

it('fails for those whose call has failed', async () => {
  const { ask } = noting({ questions: 2, weight: 100 });
  const outcomes = await Promise.allSettled([13, 1, 2].map(ask));
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'fulfilled']);
  expect(await ask(3)).toBe('answer 3');
});
