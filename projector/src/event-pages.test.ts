import { expect, it } from 'vitest';
import { storedEvents } from '../../tests/support/events/sample-events.ts';
import { EventPages } from './event-pages.ts';

/** An event store that is read in pages, and counts the reads. */
const counted = ({ failures = 0, empty = 0 } = {}) => {
  const reads: number[] = [];
  const pages = new EventPages({
    async read(after) {
      reads.push(after);
      if (reads.length <= failures) throw new Error('down');
      return reads.length <= empty ? [] : storedEvents(after + 1, 1);
    },
  });
  return { reads, pages };
};

it('a page is read once for all who ask for it, also while it is being read', async () => {
  const { reads, pages } = counted();
  const [one, two] = await Promise.all([pages.read(0, 1_000), pages.read(0, 1_000)]);
  expect(two).toBe(one);
  expect(await pages.read(0, 1_000)).toBe(one);
  await pages.read(1_000, 1_000);
  await pages.read(0, 10);
  expect(reads).toEqual([0, 1_000, 0]);
});

it('a page is read again after a failure', async () => {
  const { reads, pages } = counted({ failures: 1 });
  await expect(pages.read(0, 1_000)).rejects.toThrow('down');
  expect(await pages.read(0, 1_000)).toMatchObject({ last: 1 });
  expect(reads).toEqual([0, 0]);
});

it('a page that the store does not have yet is read again', async () => {
  const { reads, pages } = counted({ empty: 1 });
  expect(await pages.read(0, 1_000)).toEqual({ last: undefined, events: [], unreadable: [] });
  expect(await pages.read(0, 1_000)).toMatchObject({ last: 1 });
  expect(reads).toEqual([0, 0]);
});

it('few pages are kept', async () => {
  const { reads, pages } = counted();
  for (let i = 0; i < 20; i++) await pages.read(i, 1);
  await pages.read(19, 1);
  expect(reads).toHaveLength(20);
  await pages.read(0, 1);
  expect(reads).toHaveLength(21);
});
