import { cpus } from 'node:os';
import { exitCodes, runCommandLine, UsageError, wholeNumber } from '@rookery/command-line';
import { provideServers, startSharedServers } from '@rookery/tests/support';
import { isHeld } from './bound.ts';
import { measureActs } from './scale/acts.ts';
import { measureCatchUp } from './scale/catch-up.ts';
import type { Figures } from './scale/figures.ts';
import { measureFootprint } from './scale/footprint.ts';
import { lawsOf, type SizeFigures } from './scale/laws.ts';
import { measureBesidePosts, measurePages } from './scale/pages.ts';
import { measurePosts } from './scale/posts.ts';
import { toMarkdown, toTables } from './scale/report.ts';
import { type Say, type SizedSystem, startSized } from './scale/sized-system.ts';
import { measureSqlJoin } from './scale/sql-join.ts';

/** Largest network without --huge: a larger one takes hours and tens of gigabytes. */
const largestUnasked = 100_000;

const usage = `npm run bench:scale -- [--people N,N,…] [--only PART] [--samples N] [--seconds N] [--events N] [--huge] [--json | --markdown]

Measures what grows with the network: the same things in networks of several sizes, each with servers and processes of
its own, and the cost laws (docs/explanation/scale.md) with their bounds.
  --people N,N,…  sizes, smallest first (1000,20000,100000)
  --only PART     one of pages, beside, posts, acts, catch-up, footprint, sql (may be repeated)
  --samples N     requests of each measurement (200)
  --seconds N     duration of each measurement at a fixed rate (20)
  --events N      events of the backlog to catch up with (5000)
  --huge          allows more than ${largestUnasked.toLocaleString('en')} people
  --json          one JSON object on standard output
  --markdown      the tables of docs/explanation/scale.md
Exit codes: 0 every law is held, 1 one is not, 2 wrong arguments, 3 could not measure.`;

const options = {
  people: { type: 'string', default: '1000,20000,100000' },
  only: { type: 'string', multiple: true },
  samples: { type: 'string', default: '200' },
  seconds: { type: 'string', default: '20' },
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

const pagesPerSecond = 50;
const postsPerSecond = 200;

type Part = (sized: SizedSystem, amounts: Amounts, say: Say) => Promise<Figures>;

/** In the order in which they are measured: the catch-up last, since it changes what it measures most. */
const parts: Readonly<Record<string, Part>> = {
  pages: measurePages,
  beside: (sized, { seconds }, say) =>
    measureBesidePosts(sized, { seconds, pagesPerSecond, postsPerSecond }, say),
  posts: measurePosts,
  acts: (sized, { samples }, say) => measureActs(sized, { samples: Math.ceil(samples / 2) }, say),
  footprint: (sized) => measureFootprint(sized),
  sql: measureSqlJoin,
  'catch-up': measureCatchUp,
};

const say: Say = (line) => console.error(`  … ${line}`);

const measureSize = async (people: number, chosen: readonly string[], amounts: Amounts): Promise<Figures> => {
  await using resources = new AsyncDisposableStack();
  const sized = await startSized(people, resources, say);
  const figures: Record<string, number> = {};
  for (const [name, part] of Object.entries(parts))
    if (chosen.includes(name)) Object.assign(figures, await part(sized, amounts, say));
  return figures;
};

const measure = async (
  sizes: readonly number[],
  chosen: readonly string[],
  amounts: Amounts,
): Promise<SizeFigures[]> => {
  const { servers, stop } = await startSharedServers(say);
  try {
    provideServers(servers);
    const measured: SizeFigures[] = [];
    for (const people of sizes) {
      console.error(`${people.toLocaleString('en')} people:`);
      measured.push({ people, figures: await measureSize(people, chosen, amounts) });
    }
    return measured;
  } finally {
    await stop();
  }
};

const readSizes = (text: string, huge: boolean): number[] => {
  const sizes = text.split(',').map((one) => wholeNumber('people', one, 20, 10_000_000));
  if (sizes.some((size, i) => i > 0 && size <= (sizes[i - 1] ?? 0)))
    throw new UsageError('--people must begin with the smallest size');
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
      const sizes = await measure(readSizes(people, huge), chosen, {
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
      return laws.every(isHeld) ? exitCodes.ok : exitCodes.problem;
    },
  });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = exitCodes.couldNotRun;
}
