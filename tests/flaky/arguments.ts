import { parseArgs } from 'node:util';
import { wholeNumber } from '@rookery/command-line';

export const usage = `npm run test:flaky -- [--times N] [--load N] [--json] [--help] [path…] [vitest options]

Runs tests again and again, each time as \`npm test\` runs them, and reports for each test how often it failed.
Whatever is not named here goes to vitest: file filters, -t NAME, --project long, --sequence.shuffle.
  --times N  number of runs; default 10
  --load N   number of busy workers that compete for the cores during the runs; default 0
  --json     print the report as one JSON object on standard output
Progress, and each failure as it happens, goes to standard error.
Exit codes: 0 no test failed in any run, 1 at least one did, 2 wrong arguments, 3 no test ran.`;

export interface FlakyArguments {
  readonly times: number;
  readonly load: number;
  readonly json: boolean;
  readonly help: boolean;
  /** Arguments for vitest. */
  readonly vitest: readonly string[];
}

/** Separates this command's own options from those of vitest. @throws UsageError if a number is not one */
export const readArguments = (args: readonly string[]): FlakyArguments => {
  const own: Record<string, string | boolean> = {};
  const vitest: string[] = [];
  const { tokens } = parseArgs({
    args: [...args],
    options: {
      times: { type: 'string' },
      load: { type: 'string' },
      json: { type: 'boolean' },
      help: { type: 'boolean' },
    },
    strict: false,
    tokens: true,
  });
  const taken = new Set<number>();
  for (const token of tokens) {
    if (token.kind !== 'option' || !['times', 'load', 'json', 'help'].includes(token.name)) continue;
    taken.add(token.index);
    if (token.value !== undefined && !token.inlineValue) taken.add(token.index + 1);
    own[token.name] = token.value ?? true;
  }
  args.forEach((arg, index) => {
    if (!taken.has(index)) vitest.push(arg);
  });
  return {
    times: wholeNumber('times', String(own.times ?? '10'), 1),
    load: wholeNumber('load', String(own.load ?? '0'), 0),
    json: own.json === true,
    help: own.help === true,
    vitest,
  };
};
