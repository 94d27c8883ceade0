import type { System } from '@rookery/tests/support';
import { Redis } from 'ioredis';
import { measureDelivery } from './delivery.ts';
import { latencies } from './measure.ts';
import type { Result } from './result.ts';

const rounds = 300;

/**
 * Measures the time from sending a post to its arrival on the open page of a friend, one post at a time,
 * against a bare Redis hint.
 */
export const live = async (system: System, say: (line: string) => void): Promise<Result> => {
  say(`${rounds} posts, one at a time`);
  const { fromSend, fromAnswer } = await measureDelivery(system, rounds);
  const hint = await bareHint(system.servers.redis.url);
  return {
    name: 'live: from sending a post to its arrival on an open page',
    figures: {
      'from sending, p50 ms': fromSend.p50,
      'from sending, p99 ms': fromSend.p99,
      'after the answer to the author, p50 ms': fromAnswer.p50,
      'after the answer to the author, p99 ms': fromAnswer.p99,
      'a bare Redis hint, p50 ms': hint,
      'ratio of p50': fromSend.p50 / hint,
    },
    reading:
      'a multiple of the floor, lower is better; below 0 after the answer: the page had it before the author',
  };
};

const bareHint = async (url: string): Promise<number> => {
  const [publisher, subscriber] = [new Redis(url), new Redis(url)];
  try {
    await subscriber.subscribe('bench');
    const times: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const { promise, resolve } = Promise.withResolvers<void>();
      subscriber.once('message', () => resolve());
      const sent = performance.now();
      await publisher.publish('bench', '{}');
      await promise;
      times.push(performance.now() - sent);
    }
    return latencies(times, 1).p50;
  } finally {
    publisher.disconnect();
    subscriber.disconnect();
  }
};
