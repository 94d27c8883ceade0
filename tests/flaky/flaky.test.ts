import { describe, expect, test } from 'vitest';
import { readArguments } from './arguments.ts';
import { outsideTests, Tally, type VitestReport } from './tally.ts';

describe('arguments', () => {
  test('what is not an option of its own goes to vitest, in order', () => {
    expect(
      readArguments([
        '--times',
        '3',
        'tests/a.test.ts',
        '-t',
        'a name',
        '--load=2',
        '--project',
        'long',
        '--json',
      ]),
    ).toEqual({
      times: 3,
      load: 2,
      json: true,
      help: false,
      vitest: ['tests/a.test.ts', '-t', 'a name', '--project', 'long'],
    });
  });

  test.each([['--times', '0'], ['--times', 'often'], ['--times'], ['--load', '-1'], ['--load', '1.5']])(
    'refuses %s %s',
    (...args) => {
      expect(() => readArguments(args)).toThrow('must be a whole number');
    },
  );
});

describe('tally', () => {
  const run = (status: string, message?: string): VitestReport => ({
    testResults: [
      {
        name: 'a.test.ts',
        status: status === 'failed' ? 'failed' : 'passed',
        assertionResults: [
          { fullName: 'shaky', status, failureMessages: message === undefined ? [] : [message] },
          { fullName: 'steady', status: 'passed' },
          { fullName: 'left out', status: 'skipped' },
        ],
      },
    ],
  });

  test('counts runs and failures of each test, and keeps the first reason', () => {
    const tally = new Tally();
    expect(tally.add(run('passed'))).toEqual([]);
    expect(tally.add(run('failed', 'first'))).toEqual([
      { file: 'a.test.ts', test: 'shaky', message: 'first' },
    ]);
    tally.add(run('failed', 'second'));
    expect(tally.tests).toBe(2);
    expect(tally.failed()).toEqual([
      { file: 'a.test.ts', test: 'shaky', runs: 3, failures: 2, firstFailure: 'first' },
    ]);
    expect(tally.all()).toContainEqual({ file: 'a.test.ts', test: 'steady', runs: 3, failures: 0 });
  });

  test('counts a file that fails outside its tests', () => {
    const tally = new Tally();
    const leaked = { name: 'b.test.ts', status: 'failed', message: 'a hook failed' };
    tally.add({ testResults: [{ ...leaked, assertionResults: [{ fullName: 'fine', status: 'passed' }] }] });
    expect(tally.failed()).toEqual([
      { file: 'b.test.ts', test: outsideTests, runs: 1, failures: 1, firstFailure: 'a hook failed' },
    ]);
  });
});
