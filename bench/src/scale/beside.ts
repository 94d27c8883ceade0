import { latencies, openLoop, repeat } from '../measure.ts';
import type { Member } from '../member.ts';
import type { Say } from '../progress.ts';
import { body, publishPost } from '../publish-post.ts';
import { type Figures, type Load, named, type PageKind } from './figures.ts';
import { endOfFeed } from './pages.ts';
import { readPage } from './read-page.ts';
import type { SizedSystem } from './sized-system.ts';

export interface BesideOptions {
  readonly seconds: number;
  readonly pagesPerSecond: number;
  readonly postsPerSecond: number;
}

/** One page that is read again and again. */
interface Target {
  readonly member: Member;
  readonly followings: number;
  readonly page: PageKind;
  readonly after: string | null;
}

/** Measures first pages and pages past the cap at a fixed rate, alone and beside posts at a fixed rate. */
export const measureBesidePosts = async (
  { readers, ordinary, mostFollowed }: SizedSystem,
  { seconds, pagesPerSecond, postsPerSecond }: BesideOptions,
  say: Say,
): Promise<Figures> => {
  const members = [...readers.values()].flat();
  const authors = [ordinary, ...members];
  const targets = await targetsOf(readers);
  const targetOf = (index: number) => targets[index % targets.length] as Target;
  const read = (index: number) => readPage(targetOf(index).member, targetOf(index).after);
  const post = (index: number) =>
    (authors[index % authors.length] ?? mostFollowed).client.ask(publishPost, { input: { body } });
  const figuresOf = (load: Load, times: readonly number[]): Figures => {
    const of = (isWanted: (target: Target) => boolean) =>
      latencies(
        times.filter((_, index) => isWanted(targetOf(index))),
        seconds,
      );
    const all = of(({ page }) => page === 'first');
    const kinds = [...readers.keys()].flatMap((followings) =>
      (['first', 'past'] as const).map((page) => ({ followings, page })),
    );
    return {
      [load === 'idle' ? named.idleP99 : named.besideP99]: all.p99,
      ...Object.fromEntries(
        kinds.flatMap(({ followings, page }) => {
          const found = of((target) => target.followings === followings && target.page === page);
          return (['p50', 'p99'] as const).map((quantile) => [
            named.openLoop(page, followings, load, quantile),
            found[quantile],
          ]);
        }),
      ),
    };
  };
  await repeat(targets.length * 5, 2, read);
  say(`${pagesPerSecond} pages a second, idle`);
  const idle = await openLoop(pagesPerSecond, seconds, read);
  say(`${pagesPerSecond} pages a second beside ${postsPerSecond} posts a second`);
  const [beside, posts] = await Promise.all([
    openLoop(pagesPerSecond, seconds, read),
    openLoop(postsPerSecond, seconds, post),
  ]);
  const posted = latencies(posts.times, posts.seconds);
  return {
    ...figuresOf('idle', idle.times),
    ...figuresOf('beside posts', beside.times),
    'posts beside pages, per second': posted.perSecond,
    'answer to a post beside pages, p99 ms': posted.p99,
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
