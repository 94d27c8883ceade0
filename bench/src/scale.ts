import { cpus } from 'node:os';
import { exitCodes, runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { isHeld } from './bound.ts';
import type { Say } from './progress.ts';
import { lawsOf } from './scale/laws.ts';
import { measureSizes, partNames } from './scale/measure-sizes.ts';
import { toMarkdown, toTables } from './scale/report.ts';
import { readSizes } from './sizes.ts';

/** Largest network without --huge: a larger one takes hours and tens of gigabytes. */
const largestUnasked = 100_000;

const usage = `npm run bench:scale -- [--people N,N,…] [--only PART] [--samples N] [--seconds N] [--events N] [--huge] [--json | --markdown]

Measures what grows with the network: the same things in networks of several sizes, each with servers and processes of
its own, and the cost laws (docs/explanation/scale.md) with their bounds. All networks are there at the same time, and each
part is measured in one after the other, several times: so a machine that is slower for a while is slower for all.
  --people N,N,…  sizes, smallest first (1000,20000,100000)
  --only PART     one of pages, beside, posts, acts, catch-up, footprint, sql (may be repeated)
  --samples N     requests of each measurement, in all rounds together (200)
  --seconds N     duration of each measurement at a fixed rate (40)
  --events N      events of the backlog to catch up with (30000)
  --huge          allows more than ${largestUnasked.toLocaleString('en')} people
  --json          one JSON object on standard output
  --markdown      the tables of docs/explanation/scale.md
Exit codes: 0 every law is held, 1 one is not, 2 wrong arguments, 3 something could not be measured.`;

const options = {
  people: { type: 'string', default: '1000,20000,100000' },
  only: { type: 'string', multiple: true },
  samples: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '40' },
  events: { type: 'string', default: '30000' },
  huge: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
} as const;

const startedAt = performance.now();
const say: Say = (line) => {
  const minutes = (performance.now() - startedAt) / 60_000;
  console.error(`  ${minutes.toFixed(1).padStart(5)} min … ${line}`);
};

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const readPeople = (text: string, huge: boolean): number[] => {
  const sizes = readSizes('people', text, 20, 10_000_000);
  if (!huge && sizes.some((size) => size > largestUnasked))
    throw new UsageError(`more than ${largestUnasked.toLocaleString('en')} people need --huge`);
  return sizes;
};

try {
  process.exitCode = await runCommandLine({
    name: 'bench:scale',
    usage,
    options,
    async run({ people, only, samples, seconds, events, huge, json, markdown }) {
      const chosen = only ?? partNames;
      const unknown = chosen.find((name) => !partNames.includes(name));
      if (unknown !== undefined) throw new UsageError(`there is no ${unknown} to measure`);
      const { sizes, failures } = await measureSizes(
        readPeople(people, huge),
        chosen,
        {
          samples: wholeNumber('samples', samples, 10),
          seconds: wholeNumber('seconds', seconds, 1),
          events: wholeNumber('events', events, 10),
        },
        say,
      );
      const laws = lawsOf(sizes);
      const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, Node ${process.version}`;
      if (json)
        console.log(
          JSON.stringify({ machine, sizes, laws: laws.map((law) => ({ ...law, held: isHeld(law) })) }),
        );
      else console.log(`${machine}\n\n${(markdown ? toMarkdown : toTables)(sizes, laws)}`);
      for (const failure of failures) console.error(failure);
      if (failures.length > 0) return exitCodes.couldNotRun;
      return laws.every(isHeld) ? exitCodes.ok : exitCodes.problem;
    },
  });
} catch (error) {
  console.error(toMessage(error));
  process.exitCode = exitCodes.couldNotRun;
}
