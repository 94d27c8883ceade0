import { newId } from '@rookery/runtime';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';

let gateway: TestGateway;
beforeEach(async () => {
  gateway = await startGateway({ limits: { bufferedEvents: 20 } });
});
afterEach(() => gateway[Symbol.asyncDispose]());

const [ada, grace] = people as [(typeof people)[0], (typeof people)[0]];
const note = (text: string, author = ada.id) => ({ id: newId(), text, author });
const metric = async (name: string) => (await gateway.metric(name)) ?? 0;

/** The gateway counts what has ended when it has closed it, which may be after the upstream has heard of it. */
const nothingLeft = async () => {
  for (const name of ['rookery_gateway_subscriptions', 'rookery_gateway_upstream_subscriptions'])
    await expect.poll(() => metric(name), { message: name }).toBe(0);
};

describe('events', () => {
  test('carry fields of every subgraph, with arguments, variables and fragments', async () => {
    const events = gateway.live(await gateway.issuer.token(grace.id)).iterate({
      query: `subscription Live($short: Boolean!) { written { ...n } }
        fragment n on Note { text by: author { name nick(short: $short) notes { text } } }`,
      variables: { short: false },
    });
    const first = events.next();
    await until('listening', () => gateway.network.written.listeners === 1);
    gateway.network.written.push(note('live'));
    expect((await first).value).toEqual({
      data: {
        written: {
          text: 'live',
          by: { name: 'Ada', nick: 'Ada', notes: [{ text: 'first' }, { text: 'third' }] },
        },
      },
    });
    const requestId = gateway.network.notes.asked[0]?.requestId;
    expect(requestId).toBeDefined();
    for (const asked of [...gateway.network.people.asked, ...gateway.network.notes.asked])
      expect(asked).toMatchObject({ viewer: grace.id, requestId });
    await events.return?.();
  });

  test('come from whichever subgraph has the field, over one socket, with fields of the other', async () => {
    const client = gateway.live();
    const [arrivals, notes] = [
      client.iterate({ query: 'subscription { arrived { name notes { text author { nick } } } }' }),
      client.iterate({ query: 'subscription { written { text author { name } } }' }),
    ];
    const [arrival, written] = [arrivals.next(), notes.next()];
    const { network } = gateway;
    await until('listening', () => network.arrived.listeners + network.written.listeners === 2);
    expect([network.people.sockets(), network.notes.sockets()]).toEqual([1, 1]);
    network.arrived.push(grace);
    network.written.push(note('live'));
    expect((await arrival).value).toEqual({
      data: { arrived: { name: 'Grace', notes: [{ text: 'second', author: { nick: 'G' } }] } },
    });
    expect((await written).value).toEqual({ data: { written: { text: 'live', author: { name: 'Ada' } } } });
    await Promise.all([arrivals.return?.(), notes.return?.()]);
    await until('closed', () => network.arrived.listeners + network.written.listeners === 0);
  });

  test('come in order, each once, however fast', async () => {
    const events = gateway.live().iterate<{ counted: number }>({ query: 'subscription { counted }' });
    const got: (number | undefined)[] = [];
    const all = (async () => {
      for await (const { data } of events) if (got.push(data?.counted) === 500) break;
    })();
    await until('listening', () => gateway.network.counted.listeners === 1);
    for (let n = 0; n < 500; n++) {
      gateway.network.counted.push(n);
      if (n % 10 === 9) await until('delivered', () => got.length === n + 1);
    }
    await all;
    expect(got).toEqual(Array.from({ length: 500 }, (_, n) => n));
  });

  test('whose other half is down come with that half null and masked', async () => {
    const events = gateway.live().iterate({ query: 'subscription { written { text author { id nick } } }' });
    const first = events.next();
    await until('listening', () => gateway.network.written.listeners === 1);
    await gateway.network.people.stop();
    gateway.network.written.push(note('half'));
    const { value } = await first;
    expect(value.data).toEqual({ written: { text: 'half', author: { id: ada.id, nick: null } } });
    expect(value.errors).toMatchObject([{ extensions: { code: 'SERVICE_UNAVAILABLE' } }]);
    expect(JSON.stringify(value.errors)).not.toMatch(/people|127\.0\.0\.1/);
    await events.return?.();
  });

  test('from a cursor come first', async () => {
    const [first, second, third] = gateway.network.kept;
    const events = gateway.live().iterate({
      query: 'subscription ($after: String) { written(after: $after) { text } }',
      variables: { after: first?.id },
    });
    for (const { text } of [second, third] as { text: string }[])
      expect((await events.next()).value).toEqual({ data: { written: { text } } });
    await events.return?.();
  });
});

describe('the end of a subscription', () => {
  test('by the client reaches a silent upstream at once', async () => {
    const events = gateway.live().iterate({ query: 'subscription { silent { text } }' });
    const first = events.next();
    await until('listening', () => gateway.network.silent.listeners === 1);
    await expect.poll(() => metric('rookery_gateway_subscriptions')).toBe(1);
    await events.return?.();
    expect((await first).done).toBe(true);
    await until('closed upstream', () => gateway.network.silent.closed === 1);
    await nothingLeft();
  });

  test('by a socket that breaks reaches a silent upstream too', async () => {
    const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => {
      if (String(data).includes('connection_ack'))
        socket.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { silent { text } }"}}');
    });
    await until('listening', () => gateway.network.silent.listeners === 1);
    socket.terminate();
    await until('closed upstream', () => gateway.network.silent.listeners === 0);
  });

  test('by a subgraph that dies is SERVICE_UNAVAILABLE; it is told without an address', async () => {
    const events = gateway.live().iterate({ query: 'subscription { silent { text } }' });
    const first = events.next().catch((error) => error);
    await until('listening', () => gateway.network.silent.listeners === 1);
    await gateway.network.notes.stop();
    const errors = (await first) as { extensions: unknown }[];
    expect(errors).toEqual([
      { message: expect.any(String), extensions: { code: 'SERVICE_UNAVAILABLE', retryAfter: 1 } },
    ]);
    await nothingLeft();
  });

  test("by an error of the subgraph's own passes with its code and field", async () => {
    const events = gateway.live().iterate({ query: 'subscription { refused { text } }' });
    expect(await events.next()).toEqual({
      done: false,
      value: {
        errors: [{ message: 'Not a cursor.', extensions: { code: 'BAD_USER_INPUT', field: 'after' } }],
      },
    });
    expect((await events.next()).done).toBe(true);
  });
});

describe('clients that ask for the same', () => {
  const query = 'subscription { written { text author { name } } }';
  const listen = (client = gateway.live()) => {
    const events = client.iterate({ query });
    return { events, first: events.next() };
  };

  test("share one upstream; who leaves first ends nobody else's, and the last closes it", async () => {
    const [one, two] = [listen(), listen()];
    await until('both', () => gateway.network.written.listeners === 1);
    await expect.poll(() => metric('rookery_gateway_subscriptions')).toBe(2);
    gateway.network.written.push(note('both'));
    const wanted = { data: { written: { text: 'both', author: { name: 'Ada' } } } };
    expect((await one.first).value).toEqual(wanted);
    expect((await two.first).value).toEqual(wanted);
    expect(gateway.network.written.opened).toBe(1);

    await one.events.return?.();
    await expect.poll(() => metric('rookery_gateway_subscriptions')).toBe(1);
    const next = two.events.next();
    gateway.network.written.push(note('one left', grace.id));
    expect((await next).value).toEqual({
      data: { written: { text: 'one left', author: { name: 'Grace' } } },
    });
    expect(gateway.network.written.listeners).toBe(1);

    await two.events.return?.();
    await until('closed upstream', () => gateway.network.written.listeners === 0);
  });

  test('with other rights do not, nor who begins at a cursor', async () => {
    const token = await gateway.issuer.token(ada.id);
    const anonymous = listen();
    const signedIn = listen(gateway.live(token));
    await until('two upstreams', () => gateway.network.written.listeners === 2);
    expect(gateway.network.notes.asked.map(({ viewer }) => viewer).sort()).toEqual([ada.id, null].sort());
    const after = gateway
      .live()
      .iterate({ query: `subscription { written(after: "z") { text author { name } } }` });
    const same = gateway
      .live()
      .iterate({ query: `subscription { written(after: "z") { text author { name } } }` });
    const reads = [after.next(), same.next()];
    await until('four upstreams', () => gateway.network.written.listeners === 4);
    // The same if the cursor is the default of a variable.
    const byDefault = gateway.live().iterate({
      query: 'subscription ($a: String = "z") { written(after: $a) { text author { name } } }',
    });
    reads.push(byDefault.next());
    await until('five upstreams', () => gateway.network.written.listeners === 5);
    for (const events of [anonymous.events, signedIn.events, after, same, byDefault]) await events.return?.();
    await Promise.all(reads);
    await until('closed upstream', () => gateway.network.written.listeners === 0);
  });
});

describe('a client that does not read', () => {
  test('row 21: is closed when its buffer is full; another on the same upstream gets everything', async () => {
    const slow = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
    slow.on('open', () => slow.send('{"type":"connection_init"}'));
    await new Promise((resolve) => slow.once('message', resolve));
    slow.send('{"id":"1","type":"subscribe","payload":{"query":"subscription { written { text } }"}}');
    await until('listening', () => gateway.network.written.listeners === 1);
    slow.pause();
    const closed = new Promise<number>((resolve) => slow.once('close', resolve));

    const events = gateway
      .live()
      .iterate<{ written: { text: string } }>({ query: 'subscription { written { text } }' });
    let got = 0;
    const reading = (async () => {
      for await (const { data } of events) {
        expect(data?.written.text.length).toBe(100_000);
        got++;
      }
    })();
    await expect.poll(() => metric('rookery_gateway_subscriptions')).toBe(2);
    let sent = 0;
    const dropped = await metric('rookery_gateway_subscriptions_dropped_total');
    const before = process.memoryUsage().rss;
    while ((await metric('rookery_gateway_subscriptions')) === 2 && sent < 1_000) {
      gateway.network.written.push(note('x'.repeat(100_000)));
      sent++;
      await until('the other got it', () => got === sent);
    }
    expect(sent).toBeLessThan(1_000);
    // Not because it answers no pings either.
    expect(await metric('rookery_gateway_subscriptions_dropped_total')).toBe(dropped + 1);
    expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000);
    slow.resume();
    expect([4450, 1006]).toContain(await closed);
    expect(gateway.network.written.listeners).toBe(1);
    await events.return?.();
    await reading;
  });
});

test('many subscriptions are multiplexed on few sockets to the subgraph, and leave nothing behind', async () => {
  const clients = Array.from({ length: 10 }, () => gateway.live());
  const all = clients.flatMap((client, c) =>
    Array.from({ length: 20 }, (_, s) =>
      client.iterate({
        query: 'subscription ($of: String) { silent(of: $of) { text } }',
        variables: { of: `${c}.${s}` },
      }),
    ),
  );
  const reads = all.map((events) => events.next());
  await until('listening', () => gateway.network.silent.listeners === 200);
  expect(gateway.network.notes.sockets()).toBeLessThanOrEqual(2);
  await Promise.all(all.map((events) => events.return?.()));
  await Promise.all(reads);
  await until('closed upstream', () => gateway.network.silent.listeners === 0);
  await nothingLeft();
});
