import { openFeeds } from '@rookery/feeds';
import { type CheckpointDoc, feedKey } from '@rookery/read-models';
import { Redis } from 'ioredis';
import { latencies, until } from '../measure.ts';
import type { Say } from '../progress.ts';
import { quiet } from '../quiet-log.ts';
import { type Figures, named } from './figures.ts';
import { cap, readPage } from './read-page.ts';
import type { SizedSystem } from './sized-system.ts';

const rounds = 5;
const fillTimeoutMs = 60_000;

/**
 * Measures first pages after Redis has lost everything, and the time from their requests until Redis holds their feeds again. Each
 * begins when the feed of the one before is held: a fill is work that is left for after the answer, and not a part of the next page.
 */
export const measureColdPages = async (
  { system, documents, readers }: Pick<SizedSystem, 'system' | 'documents' | 'readers'>,
  say: Say,
): Promise<Figures> => {
  await using resources = new AsyncDisposableStack();
  const { url } = system.servers.redis;
  const redis = resources.adopt(new Redis(url), async (client) => client.disconnect());
  const feeds = resources.adopt(openFeeds(url, { cap, idleDays: 1, log: quiet }), (opened) => opened.close());
  const checkpoints = await documents.collection<CheckpointDoc>('progress').getMany(['feeds']);
  const epoch = checkpoints.get('feeds')?.doc.epoch ?? 0;
  const figures: Record<string, number> = {};
  for (const [followings, members] of readers) {
    say(`cold readers with ${followings} followings`);
    const [answered, held]: [number[], number[]] = [[], []];
    for (const member of Array.from({ length: rounds }, () => members).flat()) {
      // Everything in this Redis may be lost.
      await redis.flushall();
      const began = performance.now();
      await readPage(member);
      answered.push(performance.now() - began);
      const key = feedKey(member.id, epoch);
      await until(
        'the feed is held',
        fillTimeoutMs,
        async () => (await feeds.entriesBefore(key, undefined, 1)).ready,
      );
      held.push(performance.now() - began);
    }
    figures[named.coldPage(followings)] = latencies(answered, 1).p50;
    figures[named.coldFeed(followings)] = latencies(held, 1).p50;
  }
  return figures;
};
