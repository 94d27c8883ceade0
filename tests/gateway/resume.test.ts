import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway({
    limits: { recovery: { firstMs: 20, maxMs: 50, giveUpAfterMs: 30_000 }, bufferedEvents: 1_000 },
  });
});
afterEach(() => gateway[Symbol.asyncDispose]());

const ada = people[0]?.id ?? '';

interface Edge {
  readonly entries: { readonly note: { readonly text: string; readonly author?: { readonly name: string } } };
}
const read = (query: string, variables: Record<string, unknown> = {}) => {
  const events = gateway.live().iterate<Edge>({ query, variables });
  const got: (string | undefined)[] = [];
  const failed: unknown[] = [];
  const done = (async () => {
    try {
      for await (const { data, errors } of events) {
        if (errors) failed.push(errors);
        got.push(data?.entries.note.text);
        expect(Object.keys(data?.entries ?? {})).not.toContain('gatewayCursor');
      }
    } catch (error) {
      failed.push(error);
    }
  })();
  return { events, got, failed, done };
};

describe('an upstream that is lost', () => {
  test.each([
    ['with the cursor asked for', 'subscription { entries { cursor note { text author { name } } } }', {}],
    ['without it', 'subscription { entries { note { text } } }', {}],
    [
      'by alias and fragment',
      'subscription { e: entries { ...E } } fragment E on Entry { note { text } }',
      {},
    ],
    ['from a variable', 'subscription ($a: String) { entries(after: $a) { note { text } } }', { a: '0' }],
    ['from a literal', 'subscription { entries(after: "0") { note { text } } }', {}],
  ])(
    'goes on from the last cursor: nothing is lost, nothing comes twice, %s',
    async (_how, query, variables) => {
      const { log, notes } = gateway.network;
      const events = gateway.live().iterate<Record<string, Edge['entries']>>({ query, variables });
      const got: (string | undefined)[] = [];
      const done = (async () => {
        for await (const { data, errors } of events) {
          expect(errors).toBeUndefined();
          const [edge] = Object.values(data ?? {});
          got.push(edge?.note.text);
          expect(edge).not.toHaveProperty('gatewayCursor');
        }
      })();
      await until('listening', () => log.listeners === 1);
      log.add('0', ada);
      await until('the first', () => got.length === 1);
      let opened = 0;
      for (let n = 1; n < 300; n++) {
        log.add(String(n), ada);
        if (n % 60 === 30) {
          opened = log.opened;
          notes.cutSockets();
        }
        if (n % 7 === 0) await new Promise(setImmediate);
        if (n % 60 === 50) await until('open again', () => log.opened > opened);
      }
      await until('all', () => got.length >= 300);
      expect(got).toEqual(Array.from({ length: 300 }, (_, n) => String(n)));
      expect(log.opened).toBeGreaterThan(3);
      await events.return?.();
      await done;
      await until('closed upstream', () => log.listeners === 0);
    },
  );

  test.each([1000, 1001, 1012, 4500])(
    'by a subgraph that closes gracefully, with %i, is opened again from the cursor',
    async (code) => {
      const { log, notes } = gateway.network;
      const { events, got, failed, done } = read('subscription { entries(after: "0") { note { text } } }');
      for (let n = 0; n < 40; n++) {
        log.add(String(n), ada);
        if (n % 10 !== 5) continue;
        await until('open', () => log.listeners === 1);
        const { opened } = log;
        notes.cutSockets(code);
        // Not over the old socket, nor over a new one that knows of no cursor.
        log.add(`${n} and a half`, ada);
        await until('open again', () => log.opened > opened);
      }
      await until('all', () => got.at(-1) === '39');
      expect(got).toEqual(
        Array.from({ length: 40 }, (_, n) => (n % 10 === 5 ? [`${n}`, `${n} and a half`] : [`${n}`])).flat(),
      );
      expect(failed).toEqual([]);
      await events.return?.();
      await done;
      await until('closed upstream', () => log.listeners === 0);
    },
  );

  test.each([undefined, 1000])(
    'and tells a state without a cursor is told the present one, if it has changed meanwhile (%s)',
    async (code) => {
      const { tally, notes } = gateway.network;
      const events = gateway.live().iterate<{ tally: number }>({ query: 'subscription { tally }' });
      const got: unknown[] = [];
      const done = (async () => {
        for await (const { data, errors } of events) got.push(errors ?? data?.tally);
      })();
      // Once it is lost it stays lost until it is let back in, so nothing that is told meanwhile can get through.
      const lose = async () => {
        const { opened, closed } = tally;
        const admit = notes.refuseSockets();
        notes.cutSockets(code);
        await until('lost', () => tally.closed > closed);
        return async () => {
          admit();
          await until('open again', () => tally.opened > opened);
        };
      };
      // Lost before its first event: only the checkpoint holds its position.
      await until('listening', () => tally.listeners === 1);
      const backAgain = await lose();
      tally.set(1);
      await backAgain();
      await until('the first', () => got.length === 1);
      // Lost with nothing missed.
      await (await lose())();
      tally.set(2);
      await until('the second', () => got.length === 2);
      const back = await lose();
      for (const value of [3, 4, 5]) tally.set(value);
      await back();
      await until('the present one', () => got.length === 3);
      expect(got).toEqual([1, 2, 5]);
      await events.return?.();
      await done;
      await until('closed upstream', () => tally.listeners === 0);
    },
  );

  test('catches up everybody who shares it; who comes meanwhile begins now', async () => {
    const { log, notes } = gateway.network;
    const query = 'subscription { entries { note { text } } }';
    const [one, two] = [read(query), read(query)];
    await until('listening', () => log.listeners === 1);
    log.add('a', ada);
    await until('both', () => one.got.length === 1 && two.got.length === 1);
    expect(log.opened).toBe(1);
    notes.cutSockets();
    log.add('b', ada);
    await until('both again', () => one.got.length === 2 && two.got.length === 2);
    const { opened } = log;
    const late = read(query);
    await until('listening', () => log.opened > opened);
    log.add('c', ada);
    await until('all', () => [one, two, late].every(({ got }) => got.at(-1) === 'c'));
    expect([one.got, two.got, late.got]).toEqual([['a', 'b', 'c'], ['a', 'b', 'c'], ['c']]);
    for (const { events, done } of [one, two, late]) {
      await events.return?.();
      await done;
    }
    await until('closed upstream', () => log.listeners === 0);
  });

  test('and has brought no cursor yet ends with SERVICE_UNAVAILABLE: what was missed is not known', async () => {
    const { log, notes } = gateway.network;
    const { failed, done } = read('subscription { entries { note { text } } }');
    await until('listening', () => log.listeners === 1);
    notes.cutSockets();
    await done;
    expect(failed).toMatchObject([[{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]]);
  });

  test('and does not come back ends so too, after a while', async () => {
    await using own = await startGateway({
      limits: { recovery: { firstMs: 20, maxMs: 50, giveUpAfterMs: 300 } },
    });
    const events = own.live().iterate({ query: 'subscription { entries(after: "0") { note { text } } }' });
    const first = events.next().catch((error) => error);
    await until('listening', () => own.network.log.listeners === 1);
    await own.network.notes.stop();
    expect(await first).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
  });

  test('leaves no timer and no upstream behind when the client goes meanwhile', async () => {
    const { log, notes } = gateway.network;
    const reader = read('subscription { entries(after: "0") { note { text } } }');
    const other = read('subscription { entries { note { text } } }');
    await until('listening', () => log.opened === 2);
    log.add('a cursor for the other', ada);
    await until('told', () => other.got.length === 1);
    notes.cutSockets();
    await reader.events.return?.();
    await reader.done;
    // The other comes back twice: by then the one who left would have been back as well.
    for (const times of [3, 4]) {
      await until('the other is back', () => log.opened >= times);
      if (times === 3) notes.cutSockets();
    }
    expect([log.opened, log.closed]).toEqual([4, 3]);
    await other.events.return?.();
    await other.done;
    await until('closed upstream', () => log.closed === log.opened);
    await expect.poll(() => gateway.metric('rookery_gateway_upstream_subscriptions')).toBe(0);
  });
});

test('as many who ask for the same cost one execution for each event', async () => {
  const { log, people: other } = gateway.network;
  const query = 'subscription { entries { note { text author { name } } } }';
  const readers = Array.from({ length: 20 }, () => read(query));
  await expect.poll(() => gateway.metric('rookery_gateway_subscriptions')).toBe(20);
  await until('listening', () => log.listeners === 1);
  const before = other.asked.length;
  for (let n = 0; n < 5; n++) {
    log.add(String(n), ada);
    await until('delivered', () => readers.every(({ got }) => got.length === n + 1));
  }
  expect(other.asked.length - before).toBe(5);
  for (const { events, done } of readers) {
    await events.return?.();
    await done;
  }
});
