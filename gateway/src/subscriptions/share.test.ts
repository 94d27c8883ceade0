import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type SharedSink, SharedUpstreams } from './share.ts';
import type { SharedEvent } from './shared-event.ts';
import type { UpstreamEvent, UpstreamSink } from './upstream.ts';

/** Upstreams that only note what is done with them. */
const upstreams = () => {
  const open = new Set<UpstreamSink>();
  let opened = 0;
  return {
    open,
    opened: () => opened,
    start: (sink: UpstreamSink) => {
      opened++;
      open.add(sink);
      return () => {
        open.delete(sink);
      };
    },
  };
};
const client = () => {
  const got: SharedEvent[] = [];
  let ended = 0;
  return {
    got,
    ended: () => ended,
    sink: {
      next: (event) => got.push(event),
      end: () => {
        ended++;
      },
    } satisfies SharedSink,
  };
};

test('two with the same key share one upstream; who asks alike of an event gets one answer', async () => {
  const shared = new SharedUpstreams();
  const up = upstreams();
  const [a, b] = [client(), client()];
  shared.join('k', up.start, a.sink);
  shared.join('k', up.start, b.sink);
  expect(up.opened()).toBe(1);
  for (const sink of up.open) sink.next({ data: { n: [1] } });
  const events: unknown[] = [];
  const execute = async (event: UpstreamEvent, alone: boolean) => {
    events.push([event, alone]);
    return `answer ${events.length}`;
  };
  const [forA, forB, other] = await Promise.all([
    a.got[0]?.answer('same', execute),
    b.got[0]?.answer('same', execute),
    b.got[0]?.answer('other', execute),
  ]);
  expect(forA).toBe(forB);
  expect(other).not.toBe(forA);
  const forOthersToo = [{ data: { n: [1] } }, false];
  expect(events).toEqual([forOthersToo, forOthersToo]);
});

test('one that was lost goes on for those who had it; who comes now has another', () => {
  const shared = new SharedUpstreams();
  const up = upstreams();
  const [a, b] = [client(), client()];
  const leave = shared.join('k', up.start, a.sink);
  for (const sink of up.open) sink.lost?.();
  shared.join('k', up.start, b.sink);
  expect(up.opened()).toBe(2);
  const [first] = up.open;
  first?.next({ data: {} });
  expect([a.got.length, b.got.length]).toEqual([1, 0]);
  leave();
  expect(up.open.size).toBe(1);
});

test('without a key nothing is shared', () => {
  const shared = new SharedUpstreams();
  const up = upstreams();
  for (const { sink } of [client(), client()]) shared.join(undefined, up.start, sink);
  expect(up.opened()).toBe(2);
  expect(shared.size).toBe(0);
});

test('when the upstream ends, all end, and the next to come opens another', () => {
  const shared = new SharedUpstreams();
  const up = upstreams();
  const [a, b, c] = [client(), client(), client()];
  const leave = shared.join('k', up.start, a.sink);
  shared.join('k', up.start, b.sink);
  for (const sink of [...up.open]) sink.end();
  expect([a.ended(), b.ended()]).toEqual([1, 1]);
  shared.join('k', up.start, c.sink);
  leave();
  expect(up.opened()).toBe(2);
  expect(c.ended()).toBe(0);
});

test('whoever comes and goes: one upstream for each key in use, none for any other', () =>
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom('a', 'b'), fc.nat(4))), (steps) => {
      const shared = new SharedUpstreams();
      const up = upstreams();
      const joined = new Map<string, () => void>();
      for (const [key, who] of steps) {
        const name = `${key}${who}`;
        const leave = joined.get(name);
        if (leave) {
          leave();
          leave(); // leaving twice is leaving once
          joined.delete(name);
        } else joined.set(name, shared.join(key, up.start, client().sink));
        expect(up.open.size).toBe(new Set([...joined.keys()].map(([k]) => k)).size);
        expect(shared.size).toBe(up.open.size);
      }
    }),
  ));
