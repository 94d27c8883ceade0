import { type Feeds, FeedsUnavailableError, type LiveTopic, openFeeds } from '@rookery/feeds';
import { createLog } from '@rookery/runtime';
import { describe, expect, it } from 'vitest';
import { freshRedis } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { openLink } from './link.ts';
import { entry, nothing } from './redis-engines.ts';

const log = createLog('test', 'silent');
const cap = 8;

describe('feeds without Redis', () => {
  const everyCall = (from: Feeds): Record<string, () => Promise<unknown>> => ({
    add: () =>
      from.add(
        Array.from({ length: 10_000 }, (_, i) => `r${i}`),
        entry(1),
      ),
    remove: () => from.remove(['r'], 'item1'),
    merge: () => from.merge('r', [entry(1)]),
    removeMany: () => from.removeMany('r', ['item1']),
    fill: () => from.fill('r', nothing),
    entriesBefore: () => from.entriesBefore('r', undefined, 10),
    entriesAfter: () => from.entriesAfter('r', 0, 10, 10),
    hint: () => from.hint(new Map<LiveTopic, object>([['feed:r', {}]])),
    ping: () => from.ping(),
  });
  const allFailQuickly = async (from: Feeds) => {
    await Promise.all(
      Object.entries(everyCall(from)).map(async ([name, call]) => {
        const took = startStopwatch();
        await expect(call(), name).rejects.toThrow(FeedsUnavailableError);
        expect(took(), name).toBeLessThan(1_500);
      }),
    );
  };
  const comesBack = (from: Feeds) =>
    expect
      .poll(() =>
        from.ping().then(
          () => 'up',
          () => 'down',
        ),
      )
      .toBe('up');

  it('every call fails within a second while it is down, and works when it is back, with nothing ready', async () => {
    await using own = await freshRedis();
    await using closing = new AsyncDisposableStack();
    const here = closing.adopt(openFeeds(own.url, { cap, idleDays: 1, log }), (f) => f.close());
    await here.fill('r', async () => [entry(1)]);
    await own.kill();
    await allFailQuickly(here);
    await allFailQuickly(here);
    await own.restart();
    await comesBack(here);
    expect(await here.entriesBefore('r', undefined, 10)).toMatchObject({ ready: false, entries: [] });
    await here.fill('r', async () => [entry(2)]);
    expect((await here.entriesBefore('r', undefined, 10)).entries).toEqual([entry(2)]);
  });

  it('the same while it is frozen', async () => {
    await using own = await freshRedis();
    await using closing = new AsyncDisposableStack();
    const here = closing.adopt(openFeeds(own.url, { cap, idleDays: 1, log }), (f) => f.close());
    await here.fill('r', async () => [entry(1)]);
    own.signal('SIGSTOP');
    await allFailQuickly(here);
    await allFailQuickly(here);
    own.signal('SIGCONT');
    await comesBack(here);
    expect((await here.entriesBefore('r', undefined, 10)).ready).toBe(true);
  });

  it('the same while the link is frozen, from the very start', async () => {
    await using own = await freshRedis();
    await using link = await openLink(own.url);
    link.freeze();
    await using closing = new AsyncDisposableStack();
    const here = closing.adopt(openFeeds(link.url, { cap, idleDays: 1, log }), (f) => f.close());
    await allFailQuickly(here);
    link.thaw();
    await comesBack(here);
  });

  it('the same where there is none', async () => {
    await using closing = new AsyncDisposableStack();
    const nowhere = closing.adopt(openFeeds('redis://127.0.0.1:1', { cap, idleDays: 1, log }), (f) =>
      f.close(),
    );
    await allFailQuickly(nowhere);
  });
});
