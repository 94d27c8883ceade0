import type { PassThroughRules, Variant } from '@rookery/federation-executor';
import { createLog } from '@rookery/runtime';
import { expect, test } from 'vitest';
import type { Permitted } from '../permissions/permitted.ts';
import type { PlainData } from '../subgraphs/service.ts';
import { PlainAnswers } from './plain-answers.ts';

const rules = { fetchOf: () => ({ serviceName: 'posts' }) } as unknown as PassThroughRules;
const [variant, permitted] = [{} as Variant, {} as Permitted];
const answer = (text: string): PlainData => ({ bytes: Buffer.from(text), read: () => JSON.parse(text) });
const shaped = { data: { a: 1 }, errors: [], isStale: false };

test('answers whose fetches were under way when one of them differed are shaped as well', () => {
  const answers = new PlainAnswers(rules, createLog('test', 'silent'));
  const odd = answer('{"data":{"a":1,"secret":2}}');
  expect(answers.fetchOf(variant, permitted, {})).toBeDefined();
  expect(answers.take(variant, odd)).toBeUndefined();
  answers.check(variant, odd, shaped);
  expect(answers.take(variant, odd)).toBeUndefined();
  expect(answers.fetchOf(variant, permitted, {})).toBeUndefined();
});
