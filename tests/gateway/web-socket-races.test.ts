import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { until } from '../support/eventually.ts';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { people } from '../support/gateway/network.ts';
import { openSocket, subscribe } from '../support/gateway/raw-socket.ts';
import { propertyRuns } from '../support/property-runs.ts';

const viewer = people[0]?.id ?? '';

describe('races', () => {
  const sockets = (at: TestGateway) => at.metric('rookery_gateway_sockets');

  test('whatever the order of subscribe and complete, exactly what was not ended runs, and nothing stays behind', async () => {
    await using own = await startGateway();
    const { silent } = own.network;
    const steps = fc.array(
      fc.record({
        id: fc.constantFrom('1', '2', '3'),
        // Each a document of its own: it is planned while its end may be on its way.
        fresh: fc.boolean(),
        turns: fc.nat(6),
      }),
      { maxLength: 20 },
    );
    let serial = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { send, acknowledged, socket, closed, messages } = await openSocket(own);
        await acknowledged();
        const running = new Set<string>();
        for (const { id, fresh, turns } of all) {
          if (running.delete(id)) send(JSON.stringify({ id, type: 'complete' }));
          else {
            running.add(id);
            const field = fresh ? `f${++serial}: silent` : 'silent';
            send(
              subscribe(id, `subscription ($of: String) { ${field}(of: $of) { text } }`, {
                variables: { of: String(++serial) },
              }),
            );
          }
          for (let turn = 0; turn < turns; turn++) await new Promise(setImmediate);
        }
        send(subscribe('last', '{ secret }'));
        await until('answered', () => messages.some(({ id, type }) => id === 'last' && type === 'complete'));
        await until('what was not ended runs', () => silent.listeners === running.size);
        expect(messages.filter(({ type }) => type === 'error')).toEqual([]);
        socket.close();
        await closed;
        await until('closed upstream', () => silent.listeners === 0);
      }),
      { numRuns: propertyRuns(30) },
    );
  });

  test('a socket that is closed during connection_init, or right behind it, leaves nothing behind', async () => {
    await using own = await startGateway();
    const token = await own.issuer.token(viewer);
    const hello = JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${token}` } });
    for (let n = 0; n < 24; n++) {
      const { send, socket, closed } = await openSocket(own);
      send(hello);
      for (let turns = n % 6; turns > 0; turns--) await new Promise(setImmediate);
      // Every other one asks before it is let in: 4401, or it runs for a moment.
      if (n % 2 === 0) send(subscribe('1', 'subscription { silent { text } }'));
      if (n % 3 === 0) socket.terminate();
      else socket.close();
      await closed;
    }
    await expect.poll(() => sockets(own)).toBe(0);
    await until('closed upstream', () => own.network.silent.listeners === 0);
    expect(own.log()).not.toMatch(/"level":(50|60)/);
    expect((await own.ask('{ me { name } }', {}, { token })).data).toEqual({ me: { name: 'Ada' } });
  });

  test('row 21: a client that asks on and on and never reads is closed; others are answered', async () => {
    await using own = await startGateway();
    const [deaf, other] = [await openSocket(own), await openSocket(own)];
    await deaf.acknowledged();
    await other.acknowledged();
    deaf.socket.pause();
    let n = 0;
    // By time, not by number: a busy machine answers few, and refuses what comes while fifty are under way.
    const deadline = performance.now() + 45_000;
    while (performance.now() < deadline && (await sockets(own)) === 2)
      for (let asked = 0; asked < 20; asked++) deaf.send(subscribe(String(++n), '{ large(bytes: 200000) }'));
    expect(await sockets(own)).toBe(1);
    other.send(subscribe('1', '{ secret }'));
    await other.received(({ type }) => type === 'next');
    deaf.socket.terminate();
    other.socket.close();
  });
});

test('row 21: a thousand subscriptions on one socket: fifty run, the rest are refused, and others are not affected', async () => {
  await using own = await startGateway();
  const [greedy, other] = [await openSocket(own), await openSocket(own)];
  await greedy.acknowledged();
  await other.acknowledged();
  other.send(subscribe('1', 'subscription { counted }'));
  await until('listening', () => own.network.counted.listeners === 1);
  for (let n = 0; n < 1_000; n++)
    greedy.send(
      subscribe(String(n), 'subscription ($of: String) { silent(of: $of) { text } }', {
        variables: { of: String(n) },
      }),
    );
  await until(
    'all answered',
    () => greedy.messages.filter(({ type }) => type === 'error').length === 950,
    20_000,
  );
  await until('the others run', () => own.network.silent.listeners === 50);
  own.network.counted.push(1);
  await other.received(({ type }) => type === 'next');
  greedy.socket.close();
  await until('closed upstream', () => own.network.silent.listeners === 0);
  other.socket.close();
});
