import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { type Answered, comparable } from '../support/conformance/compare.ts';
import { type CaseFile, isMechanical, readCases, runCase } from '../support/gateway/case-file.ts';

/** `GATEWAY_CASES=FOLDER npm test -- tests/gateway/cases` runs the case files of another folder. */
const given = process.env.GATEWAY_CASES;
const cases = readCases(given ?? fileURLToPath(new URL('cases', import.meta.url)));

/** Case files whose right answer the gateway does not give yet. A case that passes must be taken off. */
const failing: readonly string[] = [];

/** Cases described in words (several requests, bytes, a stream), with the test that does what they describe. */
const testedElsewhere: Readonly<Record<string, string>> = {
  '401-of-a-subgraph-opens-breaker-for-all.json': 'tests/gateway/resilience.test.ts',
  'charset-latin1-misread.json': 'tests/gateway/bad-input.test.ts',
  'get-csrf-by-odd-content-type.json': 'tests/gateway/bad-input.test.ts',
  'subscription-with-include-variable.json': 'tests/gateway/bad-input.test.ts',
};

const meets = ({ expected, query, variables }: CaseFile, text: string): void => {
  if (typeof expected === 'string') {
    expect(text.trim()).toBe(expected);
    return;
  }
  const answer = JSON.parse(text) as Answered & { extensions?: unknown };
  const { data, errors, extensions } = expected as Answered & { extensions?: object };
  const asked = JSON.stringify({ query, variables, text });
  if (data !== undefined) expect(JSON.stringify(answer.data), asked).toBe(JSON.stringify(data));
  if (extensions !== undefined) expect(answer.extensions, asked).toMatchObject(extensions);
  if (errors === undefined) {
    if (data !== undefined) expect(answer.errors, asked).toBeUndefined();
    return;
  }
  for (const error of errors)
    expect(answer.errors, asked).toContainEqual(expect.objectContaining({ ...error }));
  // The number of errors for one null is left open by the specification, but both sides must report the same
  // nulls.
  if (errors.every(({ path }) => path !== undefined))
    expect(comparable(answer)).toBe(comparable({ data, errors }));
};

describe('the gateway gives the right answer', () => {
  for (const one of cases) {
    const test = given === undefined && failing.includes(one.file) ? it.fails : it;
    if (isMechanical(one)) test(one.situation, async () => meets(one, await runCase(one)));
    else if (given !== undefined) it.skip(`${one.situation} (described in words: needs a test of its own)`);
  }

  it.runIf(given === undefined)('and each case in words is tested elsewhere', () => {
    const inWords = cases.filter((one) => !isMechanical(one)).map(({ file }) => file);
    expect(Object.keys(testedElsewhere).sort()).toEqual(inWords);
    expect(cases.map(({ file }) => file)).toEqual(expect.arrayContaining([...failing]));
  });
});
