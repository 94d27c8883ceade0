import { gatewaySettings, optionsFrom } from '@rookery/gateway';
import { readConfig } from '@rookery/runtime';
import { expect, test } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway/gateway.ts';
import { notesSdl, peopleSdl } from '../support/gateway/network.ts';
import { freshNats } from '../support/index.ts';
import { startStopwatch } from '../support/stopwatch.ts';
import { startRegistry } from './start-registry.ts';

const environment = 'production';
const rounds = 10;
const clientsOfEach = 8;
const path = `/v1/environments/${environment}`;

const small = peopleSdl.replace(' noteLimit: Int', '');

test('three gateways under load swap within 2 s of each of twenty launches, and no request fails', async () => {
  const nats = await freshNats();
  try {
    await using registry = await startRegistry({ natsUrl: nats.url });
    const token = await registry.token('read', 'report');
    const publish = async (people: string): Promise<number> =>
      (await registry.publish({ people, notes: notesSdl })).body.version;
    const launch = async (action: string, body: object): Promise<number> =>
      (await registry.ask(`${path}/${action}`, { author: 'ada', ...body })).body.launch;
    await launch('promote', { version: await publish(peopleSdl) });
    const { supergraph, registry: access } = optionsFrom(
      readConfig(gatewaySettings, {
        INTERNAL_KEY_FILE: '-',
        REDIS_URL: 'redis://127.0.0.1:1',
        REGISTRY_URL: registry.url,
        REGISTRY_TOKEN: token,
        REGISTRY_NATS_URL: nats.url,
        SUPERGRAPH_KEYS_FILE: registry.keysFile,
        SUPERGRAPH_POLL: '3600000',
      }),
    );
    if (access === undefined || typeof supergraph === 'string') throw new Error('no registry');
    await using resources = new AsyncDisposableStack();
    const fleet: TestGateway[] = [];
    for (const gateway of ['one', 'two', 'three'])
      fleet.push(
        resources.use(
          await startGateway({
            supergraph: () => ({ ...supergraph }),
            options: { registry: { ...access, gateway } },
          }),
        ),
      );

    const state = { over: false, asked: 0 };
    const failed: unknown[] = [];
    const ask = async (gateway: TestGateway) => {
      while (!state.over) {
        const read = await gateway.ask('{ notes(first: 2) { text author { name notes { text } } } }');
        const write = await gateway.ask('mutation { write(input: { text: "x" }) { text author { name } } }');
        state.asked += 2;
        for (const { data, errors } of [read, write]) if (errors || !data) failed.push(errors);
      }
    };
    const asking = fleet.flatMap((gateway) => Array.from({ length: clientsOfEach }, () => ask(gateway)));

    const current = async () => (await registry.ask(`${path}/launches?limit=1`)).body.launches[0];
    const served = async (number: number) => {
      const elapsedMs = startStopwatch();
      await expect.poll(current, { interval: 20, timeout: 10_000 }).toMatchObject({
        launch: number,
        answers: ['one', 'three', 'two'].map((gateway) => ({ gateway, outcome: 'served' })),
      });
      return elapsedMs();
    };
    await served(1);
    const swaps: number[] = [];
    for (let round = 0; round < rounds; round++) {
      // Each round has a version of its own, since one that was rolled back is older.
      const version = await publish(`${small}\n# ${round}`);
      swaps.push(await served(await launch('promote', { version })));
      swaps.push(await served(await launch('rollback', { version: 1, reason: 'test' })));
    }
    state.over = true;
    await Promise.all(asking);
    console.log(`swaps: ${swaps.map((ms) => Math.round(ms)).join(' ')} ms; ${state.asked} requests`);
    expect(failed).toEqual([]);
    expect(Math.max(...swaps)).toBeLessThan(2_000);
    expect(state.asked).toBeGreaterThan(rounds * fleet.length * clientsOfEach);
  } finally {
    await nats.stop();
  }
}, 180_000);
