import { provideServers, startSharedServers } from '@rookery/tests/support';
import type { Say } from '../progress.ts';
import { measureActs } from './acts.ts';
import { measureBesidePosts } from './beside.ts';
import { measureCatchUp } from './catch-up.ts';
import { type Figures, mediansOf } from './figures.ts';
import { measureFootprint } from './footprint.ts';
import { againstSql, type SizeFigures } from './laws.ts';
import { measurePages } from './pages.ts';
import { measurePosts } from './posts.ts';
import { type SizedSystem, startSized } from './sized-system.ts';
import { measureSqlJoin } from './sql-join.ts';

interface Amounts {
  readonly samples: number;
  readonly seconds: number;
  readonly events: number;
}

interface Part {
  /** Number of times that it is measured in each network. The medians count. */
  readonly rounds: number;
  measure(sized: SizedSystem, amounts: Amounts, say: Say): Promise<Figures>;
}

/** In the order in which they are measured: the catch-up last, since it changes what it measures most. */
const parts: Readonly<Record<string, Part>> = {
  pages: {
    rounds: 3,
    measure: (sized, { samples }, say) => measurePages(sized, { samples: Math.ceil(samples / 3) }, say),
  },
  // In rounds by itself: its figures are compared within one network.
  beside: { rounds: 1, measure: measureBesidePosts },
  posts: { rounds: 3, measure: measurePosts },
  acts: {
    rounds: 3,
    measure: (sized, { samples }, say) => measureActs(sized, { samples: Math.ceil(samples / 6) }, say),
  },
  footprint: { rounds: 1, measure: measureFootprint },
  sql: { rounds: 1, measure: measureSqlJoin },
  'catch-up': { rounds: 3, measure: measureCatchUp },
};

/** Names of the parts, in the order in which they are measured. */
export const partNames = Object.keys(parts);

/** Figures of each size, and a line for each part that failed. */
interface Measured {
  readonly sizes: readonly SizeFigures[];
  readonly failures: readonly string[];
}

/** A network with the figures of each round of each part. */
interface Network {
  readonly people: number;
  readonly sized: SizedSystem;
  readonly rounds: Figures[];
}

const inWords = (people: number): string => `${people.toLocaleString('en')} people`;
const toMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Starts networks of these sizes beside each other, and measures the chosen parts in one after the other, round by round, so that
 * other load and a machine whose speed changes affect all alike. A part that fails is noted, and the others are measured nevertheless.
 */
export const measureSizes = async (
  sizes: readonly number[],
  chosen: readonly string[],
  amounts: Amounts,
  say: Say,
): Promise<Measured> => {
  const failures: string[] = [];
  const noting = async (what: string, people: number, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const line = `${what} of ${inWords(people)} could not be measured: ${toMessage(error)}`;
      failures.push(line);
      say(line);
    }
  };
  await using resources = new AsyncDisposableStack();
  const { servers, stop } = await startSharedServers(say);
  resources.defer(stop);
  provideServers(servers);
  const networks: Network[] = [];
  for (const people of sizes) {
    say(`${inWords(people)}:`);
    await noting('the network', people, async () => {
      networks.push({ people, sized: await startSized(people, resources, say), rounds: [] });
    });
  }
  for (const [name, { rounds, measure }] of Object.entries(parts)) {
    if (!chosen.includes(name)) continue;
    for (let round = 1; round <= rounds; round++) {
      for (const { people, sized, rounds: measured } of networks) {
        say(`${name} of ${inWords(people)}, ${round} of ${rounds}`);
        await noting(name, people, async () => {
          measured.push(await measure(sized, amounts, say));
        });
      }
    }
  }
  return { failures, sizes: networks.map(({ people, rounds }) => ({ people, figures: withRatios(rounds) })) };
};

const withRatios = (rounds: readonly Figures[]): Figures => {
  const figures = mediansOf(rounds);
  return { ...figures, ...againstSql(figures) };
};
