import { coresInUse, cpuReader, waitedSeconds } from '../cpu.ts';
import { latencies, openLoop, repeat } from '../measure.ts';
import type { Member } from '../member.ts';
import type { Say } from '../progress.ts';
import { body, publishPost } from '../publish-post.ts';
import { type Figures, type Load, named, type PageKind } from './figures.ts';
import { endOfFeed } from './pages.ts';
import { readPage } from './read-page.ts';
import type { SizedSystem } from './sized-system.ts';

/**
 * Pages and posts that are offered in each second: together at most the 60 % of two cores for which machines are planned. Beyond
 * that, pages wait for a core, and the figures tell of nothing else.
 */
export const offered = { pages: 30, posts: 200 } as const;

/** Number of times that pages alone, and pages beside posts, are measured in turn, so that other load affects both alike. */
const rounds = 4;
/**
 * Posts and pages that come before, concurrently. On a quiet machine the number of slow pages fell from each 2,000 posts to the next,
 * up to some 12,000: processes compile their code for new paths, and pages wait for a core meanwhile.
 */
const warmUp = { posts: 10_000, pages: 3_000 } as const;
const warmUpInFlight = 8;

/** One page that is read again and again. */
interface Target {
  readonly member: Member;
  readonly followings: number;
  readonly page: PageKind;
  readonly after: string | null;
}

/** Measurements under one load, in all rounds. */
interface Measured {
  readonly pages: { readonly target: Target; readonly ms: number }[];
  readonly posts: number[];
  /** Cores in use in each round. */
  readonly cores: number[];
  waited: number;
  seconds: number;
}

/** Measures first pages and pages past the cap at a fixed rate, alone and beside posts at a fixed rate. */
export const measureBesidePosts = async (
  { system, postgres, readers, ordinary, mostFollowed }: SizedSystem,
  { seconds }: { readonly seconds: number },
  say: Say,
): Promise<Figures> => {
  const members = [...readers.values()].flat();
  const authors = [ordinary, ...members];
  const targets = await targetsOf(readers);
  const targetOf = (index: number) => targets[index % targets.length] as Target;
  const read = (index: number) => readPage(targetOf(index).member, targetOf(index).after);
  const post = (index: number) =>
    (authors[index % authors.length] ?? mostFollowed).client.ask(publishPost, { input: { body } });
  const readCpu = cpuReader(system, postgres);
  const waited = () => waitedSeconds(system.pid('query') ?? 0);
  const loads = { idle: begun(), 'beside posts': begun() } satisfies Record<Load, Measured>;
  const measureRound = async (load: Load, of: Measured): Promise<void> => {
    const [cpuBefore, waitedBefore, start] = [readCpu(), waited(), performance.now()];
    const [pages, posts] = await Promise.all([
      openLoop(offered.pages, seconds / rounds, read),
      load === 'idle' ? undefined : openLoop(offered.posts, seconds / rounds, post),
    ]);
    const took = (performance.now() - start) / 1_000;
    of.cores.push(coresInUse(cpuBefore, readCpu(), took));
    of.waited += waited() - waitedBefore;
    of.seconds += took;
    of.pages.push(...pages.times.map((ms, index) => ({ target: targetOf(index), ms })));
    of.posts.push(...(posts?.times ?? []));
  };
  say('warm-up');
  await Promise.all([repeat(warmUp.posts, warmUpInFlight, post), repeat(warmUp.pages, warmUpInFlight, read)]);
  // At the rates of the measurement too, as batches have other sizes.
  await measureRound('beside posts', begun());
  say(`${offered.pages} pages a second, alone and beside ${offered.posts} posts a second`);
  for (let round = 0; round < rounds; round++) {
    await measureRound('idle', loads.idle);
    await measureRound('beside posts', loads['beside posts']);
  }
  const { posts, seconds: besideSeconds } = loads['beside posts'];
  const posted = latencies(posts, besideSeconds);
  return {
    ...figuresOf('idle', loads.idle),
    ...figuresOf('beside posts', loads['beside posts']),
    'posts beside pages, per second': posted.perSecond,
    'answer to a post beside pages, p99 ms': posted.p99,
  };
};

const begun = (): Measured => ({ pages: [], posts: [], cores: [], waited: 0, seconds: 0 });

const figuresOf = (load: Load, { pages, cores, waited, seconds }: Measured): Figures => {
  const kinds = Map.groupBy(pages, ({ target: { followings, page } }) => `${followings} ${page}`);
  const times = (of: Measured['pages']) =>
    latencies(
      of.map(({ ms }) => ms),
      seconds,
    );
  const first = times(pages.filter(({ target }) => target.page === 'first'));
  return {
    [load === 'idle' ? named.idleP99 : named.besideP99]: first.p99,
    [named.coresInUse(load)]: cores.reduce((sum, one) => sum + one, 0) / cores.length,
    [named.waitForCore(load)]: (waited * 1_000) / pages.length,
    ...Object.fromEntries(
      [...kinds.values()].flatMap((of) => {
        const found = times(of);
        const { followings, page } = (of[0] as Measured['pages'][number]).target;
        return (['p50', 'p99'] as const).map((quantile) => [
          named.openLoop(page, followings, load, quantile),
          found[quantile],
        ]);
      }),
    ),
  };
};

const targetsOf = async (readers: SizedSystem['readers']): Promise<Target[]> => {
  const targets: Target[] = [];
  for (const [followings, members] of readers)
    for (const member of members)
      targets.push(
        { member, followings, page: 'first', after: null },
        { member, followings, page: 'past', after: await endOfFeed(member) },
      );
  return targets;
};
