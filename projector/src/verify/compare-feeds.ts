import type { Documents } from '@rookery/document-store';
import type { Feeds } from '@rookery/feeds';
import { retryWhileDown } from '../rebuild/retry.ts';
import { type Comparison, type Findings, maxLooks } from './comparison.ts';
import type { Difference } from './differences.ts';
import { feedDifference, heldFeeds } from './feeds.ts';

export interface CompareFeedsOptions {
  readonly documents: Documents;
  readonly feeds: Pick<Feeds, 'held' | 'dump' | 'drop'>;
  /** Value of FEED_CAP. */
  readonly cap: number;
  readonly onProgress: (compared: number) => void;
}

/** Compares the feeds in Redis with the rebuilt documents. A repaired feed is dropped, and filled on demand. */
export const compareFeeds = async (
  comparison: Comparison,
  options: CompareFeedsOptions,
): Promise<Findings> => {
  const { documents, feeds, onProgress } = options;
  const differences: Difference[] = [];
  const unsettled: string[] = [];
  let compared = 0;
  let repaired = 0;
  for await (const feed of heldFeeds(documents, feeds)) {
    comparison.signal.throwIfAborted();
    compared += 1;
    const found = await compareFeed(comparison, options, feed);
    if (found === 'moving') unsettled.push(`redis/${feed.key}`);
    else if (found) {
      differences.push(found);
      if (comparison.repair) {
        await feeds.drop([feed.key]);
        repaired += 1;
      }
    }
    onProgress(compared);
  }
  return { compared, differences, unsettled, repaired };
};

/** Returns the difference of one feed, if any; `moving` if the feed changed during every look. */
const compareFeed = async (
  { rebuilt, clock, signal }: Comparison,
  { documents, feeds, cap }: CompareFeedsOptions,
  feed: { readonly key: string; readonly reader: string },
): Promise<Difference | 'moving' | undefined> => {
  const dump = () => retryWhileDown(signal, () => feeds.dump(feed.key));
  for (let looks = 1; looks <= maxLooks; looks++) {
    const before = await dump();
    if (!before) return undefined;
    const compare = () =>
      retryWhileDown(signal, () =>
        feedDifference({ documents, rebuilt, cap, upTo: clock.position }, feed, before),
      );
    if (!(await compare())) return undefined;
    await retryWhileDown(signal, () => clock.advance());
    const found = await compare();
    if (!found) return undefined;
    const after = await dump();
    if (!after) return undefined;
    if (JSON.stringify(after) === JSON.stringify(before)) return found;
  }
  return 'moving';
};
