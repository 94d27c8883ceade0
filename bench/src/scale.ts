import { cpus } from 'node:os';
import { exitCodes, runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { provideServers, startSharedServers } from '@rookery/tests/support';
import { isHeld } from './bound.ts';
import type { Say } from './progress.ts';
import { measureActs } from './scale/acts.ts';
import { measureBesidePosts } from './scale/beside.ts';
import { measureCatchUp } from './scale/catch-up.ts';
import type { Figures } from './scale/figures.ts';
import { measureFootprint } from './scale/footprint.ts';
import { againstSql, lawsOf, type SizeFigures } from './scale/laws.ts';
import { measurePages } from './scale/pages.ts';
import { measurePosts } from './scale/posts.ts';
import { toMarkdown, toTables } from './scale/report.ts';
import { type SizedSystem, startSized } from './scale/sized-system.ts';
import { measureSqlJoin } from './scale/sql-join.ts';
import { readSizes } from './sizes.ts';

/** Largest network without --huge: a larger one takes hours and tens of gigabytes. */
const largestUnasked = 100_000;

const usage = `npm run bench:scale -- [--people N,N,…] [--only PART] [--samples N] [--seconds N] [--events N] [--huge] [--json | --markdown]

Measures what grows with the network: the same things in networks of several sizes, each with servers and processes of
its own, and the cost laws (docs/explanation/scale.md) with their bounds.
  --people N,N,…  sizes, smallest first (1000,20000,100000)
  --only PART     one of pages, beside, posts, acts, catch-up, footprint, sql (may be repeated)
  --samples N     requests of each measurement (200)
  --seconds N     duration of each measurement at a fixed rate (40)
  --events N      events of the backlog to catch up with (5000)
  --huge          allows more than ${largestUnasked.toLocaleString('en')} people
  --json          one JSON object on standard output
  --markdown      the tables of docs/explanation/scale.md
Exit codes: 0 every law is held, 1 one is not, 2 wrong arguments, 3 something could not be measured.`;

const options = {
  people: { type: 'string', default: '1000,20000,100000' },
  only: { type: 'string', multiple: true },
  samples: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '40' },
  events: { type: 'string', default: '5000' },
  huge: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  markdown: { type: 'boolean', default: false },
} as const;

interface Amounts {
  readonly samples: number;
  readonly seconds: number;
  readonly events: number;
}

type Part = (sized: SizedSystem, amounts: Amounts, say: Say) => Promise<Figures>;

/** In the order in which they are measured: the catch-up last, since it changes what it measures most. */
const parts: Readonly<Record<string, Part>> = {
  pages: measurePages,
  beside: measureBesidePosts,
  posts: measurePosts,
  acts: (sized, { samples }, say) => measureActs(sized, { samples: Math.ceil(samples / 2) }, say),
  footprint: (sized) => measureFootprint(sized),
  sql: measureSqlJoin,
  'catch-up': measureCatchUp,
};

const startedAt = performance.now();
const say: Say = (line) => {
  const minutes = (performance.now() - startedAt) / 60_000;
  console.error(`  ${minutes.toFixed(1).padStart(5)} min … ${line}`);
};

/** Figures of each size, and a line for each part that failed. */
interface Measured {
  readonly sizes: SizeFigures[];
  readonly failures: string[];
}

const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Measures a network. A part that fails is noted, and the others are measured nevertheless. */
const measureSize = async (
  people: number,
  chosen: readonly string[],
  amounts: Amounts,
  fail: (what: string, error: unknown) => void,
): Promise<Figures> => {
  await using resources = new AsyncDisposableStack();
  const sized = await startSized(people, resources, say);
  const figures: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts)) {
    if (!chosen.includes(name)) continue;
    try {
      Object.assign(figures, await part(sized, amounts, say));
    } catch (error) {
      fail(name, error);
    }
  }
  return { ...figures, ...againstSql(figures) };
};

const measure = async (
  sizes: readonly number[],
  chosen: readonly string[],
  amounts: Amounts,
): Promise<Measured> => {
  const { servers, stop } = await startSharedServers(say);
  const measured: Measured = { sizes: [], failures: [] };
  try {
    provideServers(servers);
    for (const people of sizes) {
      const size = `${people.toLocaleString('en')} people`;
      console.error(`${size}:`);
      const fail = (what: string, error: unknown): void => {
        const line = `${what} of ${size} could not be measured: ${toMessage(error)}`;
        measured.failures.push(line);
        say(line);
      };
      try {
        measured.sizes.push({ people, figures: await measureSize(people, chosen, amounts, fail) });
      } catch (error) {
        fail('the network', error);
      }
    }
    return measured;
  } finally {
    await stop();
  }
};

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
      const chosen = only ?? Object.keys(parts);
      const unknown = chosen.find((name) => !Object.hasOwn(parts, name));
      if (unknown !== undefined) throw new UsageError(`there is no ${unknown} to measure`);
      const { sizes, failures } = await measure(readPeople(people, huge), chosen, {
        samples: wholeNumber('samples', samples, 10),
        seconds: wholeNumber('seconds', seconds, 1),
        events: wholeNumber('events', events, 10),
      });
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
