import type { JsMsg } from '@nats-io/jetstream';
import { expect, it } from 'vitest';
import { RecordedCache } from './recorded-cache.ts';

const message = (seq: number, subject: string, timestampNanos = seq, bytes = 100): JsMsg =>
  ({ seq, subject, info: { timestampNanos }, data: new Uint8Array(bytes) }) as unknown as JsMsg;
const countingCache = () => {
  const decoded: number[] = [];
  const cache = new RecordedCache(({ seq, subject }) => {
    decoded.push(seq);
    return { position: seq, recordedAt: subject, event: {} as never };
  });
  return { cache, decoded };
};

it('decodes a message once for all consumers', () => {
  const { cache, decoded } = countingCache();
  const [first, second] = [cache.read(message(1, 'a')), cache.read(message(1, 'a'))];
  expect(second).toBe(first);
  expect(decoded).toEqual([1]);
});

it('does not take a message of a stream that was created again for an earlier one', () => {
  const { cache } = countingCache();
  cache.read(message(1, 'a', 10));
  expect(cache.read(message(1, 'b', 10)).recordedAt).toBe('b');
  const before = cache.read(message(1, 'b', 10));
  expect(cache.read(message(1, 'b', 11))).not.toBe(before);
});

it('is bounded in number and in bytes', () => {
  const { cache, decoded } = countingCache();
  for (let seq = 1; seq <= 20_000; seq++) cache.read(message(seq, 'a'));
  cache.read(message(20_000, 'a'));
  expect(decoded).toHaveLength(20_000);
  cache.read(message(1, 'a'));
  expect(decoded).toHaveLength(20_001);
  for (let seq = 30_001; seq <= 30_100; seq++) cache.read(message(seq, 'large', seq, 1_000_000));
  cache.read(message(30_100, 'large', 30_100, 1_000_000));
  expect(decoded).toHaveLength(20_101);
  cache.read(message(30_001, 'large', 30_001, 1_000_000));
  expect(decoded).toHaveLength(20_102);
});

it('decodes a malformed message again, and fails again', () => {
  const cache = new RecordedCache(() => {
    throw new TypeError('malformed');
  });
  for (let i = 0; i < 2; i++) expect(() => cache.read(message(1, 'a'))).toThrow('malformed');
});
