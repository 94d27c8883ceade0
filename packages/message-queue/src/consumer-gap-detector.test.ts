import { expect, it } from 'vitest';
import { lostBy } from './consumer-gap-detector.ts';

const created = '2026-01-01T00:00:00Z';
const stream = { created, state: { first_seq: 8, last_seq: 9, deleted: [] as number[] } };

const consumer = (delivered: number, createdAt = created, begin?: number) => ({
  created: createdAt,
  delivered: { consumer_seq: 1, stream_seq: delivered },
  config: begin === undefined ? {} : { opt_start_seq: begin },
});
const lost = (one: ReturnType<typeof consumer>, deleted: number[] = []) =>
  lostBy({ ...stream, state: { ...stream.state, deleted } } as never, [one] as never);

const later = '2026-01-01T01:00:00Z';

it('a message is lost if it is gone and a consumer that has been there from the beginning never received it', () => {
  expect(lost(consumer(6))).toBe(7);
  expect(lost(consumer(7))).toBeUndefined();
  expect(lost(consumer(7), [9])).toBe(9);
});

it('a later consumer proves that only from the sequence on with which it begins', () => {
  expect(lost(consumer(6, later))).toBeUndefined();
  expect(lost(consumer(6, later, 7))).toBe(7);
  expect(lost(consumer(7, later, 8))).toBeUndefined();
  expect(lost(consumer(7, later, 8), [9])).toBe(9);
});
