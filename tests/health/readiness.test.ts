import { readSamples } from '@rookery/runtime';
import { processNames } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { eventually } from '../support/eventually.ts';
import { type Account, lockTable, type System } from '../support/index.ts';
import { ops } from '../support/ops.ts';
import { type HealthWorld, rows, startHealthWorld } from './dependencies.ts';

let world: HealthWorld;
let system: System;
beforeAll(async () => {
  world = await startHealthWorld();
  system = world.system;
}, 120_000);
afterAll(() => world[Symbol.asyncDispose]());

describe('readiness', () => {
  it.each(rows.all)('with %s killed, only these are not ready: %j', { timeout: 240_000 }, (down, notReady) =>
    world.withoutPart(down, notReady, 'killed'),
  );
});

describe('/health/flow', () => {
  it.each(['recorder', 'projector'] as const)(
    'names what stops without %s, as ops status does; all others are ready',
    async (name) => {
      await system.ready();
      const writer = await system.signUp();
      // Until it is recorded, nothing is behind either.
      await eventually(() => isKnown(writer), { what: 'the sign-up is projected' });
      await eventually(async () => (await world.flow()).body.behind === 0, { what: 'nothing behind' });
      await system.kill(name);
      const stopped =
        name === 'recorder'
          ? ['recorder']
          : ['profiles', 'posts', 'reactions', 'feeds', 'notifications', 'activities'];
      // They do not all stop at once.
      const haveStopped = async () => {
        const { steps } = await world.flow();
        return stopped.every((step) => steps.get(step)?.state === 'stopped');
      };
      await eventually(haveStopped, { what: `${stopped} stopped` });
      const { status, steps } = await world.flow();
      expect(status).toBe(503);
      for (const [step, { state }] of steps)
        expect([step, state]).toEqual([step, stopped.includes(step) ? 'stopped' : 'working']);
      await world.expectReady(processNames.filter((one) => one !== name));
      const told = await ops(system.env, 'status');
      expect(told.code).toBe(1);
      for (const step of stopped)
        expect(told.json.flow.steps).toContainEqual(
          expect.objectContaining({ name: step, state: 'stopped' }),
        );
      await publish(writer);
      await eventually(async () => {
        const { body, steps: now } = await world.flow();
        const step = now.get(stopped[0] ?? '');
        // An age that grows: it is the oldest event's.
        return body.behind === 1 && step?.behind === 1 && step.lateMs > 300 && Number(body.lateMs) > 300;
      });
      {
        // Ready although one of the projections can apply nothing.
        await using _activities = await lockTable(system.documentsUrl, 'documents.activities');
        await system.start(name);
        await eventually(async () => (await world.flow()).body.behind === 1, { what: 'one behind' });
      }
      await eventually(async () => (await world.flow()).body.behind === 0, { what: 'nothing behind' });
      expect((await world.flow()).status).toBe(200);
    },
  );

  it('says that the queue takes no writes', async () => {
    await system.ready();
    await world.servers.nats.kill();
    await eventually(async () => (await world.flow()).status === 503, { what: 'no flow' });
    expect((await world.flow()).body).toMatchObject({ flowing: false, queue: false, behind: null });
    await world.servers.nats.restart();
    await eventually(async () => (await world.flow()).status === 200, { what: 'flow' });
  });
});

it('ops status and a metric name the subgraph that is down; all others are ready, and it is with a backlog', async () => {
  await system.ready();
  const healthy = await ops(system.env, 'status');
  expect(healthy).toMatchObject({ code: 0, json: { ok: true, flow: { flowing: true } } });
  await system.kill('query');
  await world.expectReady(processNames.filter((name) => name !== 'query'));
  const down = await ops(system.env, 'status');
  expect(down.code).toBe(1);
  const part = (name: string, kind: string) =>
    down.json.parts.find((one: { name: string; kind: string }) => one.name === name && one.kind === kind);
  expect(part('query', 'subgraph')).toMatchObject({ ok: false });
  expect(part('mutation', 'subgraph')).toMatchObject({ ok: true });
  expect(part('gateway', 'process')).toMatchObject({ ok: true });
  const up = await readSamples(system.metricsUrls.gateway, 'rookery_gateway_subgraph_up');
  expect(new Map(up.map(({ labels, value }) => [labels.subgraph, value]))).toEqual(
    new Map([
      ['mutation', 1],
      ['query', 0],
    ]),
  );

  // Ready although events wait, and nobody works them off.
  const writer = await system.signUp();
  await system.kill('projector', 'SIGSTOP');
  await publish(writer);
  await system.start('query');
  await eventually(async () => Number((await world.flow()).body.behind) > 0, { what: 'a backlog' });
  await system.kill('projector', 'SIGCONT');
});

/** Tells if the read side knows the person, who may not have been recorded yet. */
async function isKnown({ token }: Account): Promise<boolean> {
  const { data } = await clientOf(token).send<{ me: { id: string } | null }>('{ me { id } }');
  return data?.me?.id !== undefined;
}

const clientOf = (token: string): Client => new Client(system.gatewayUrl, token);

async function publish({ token }: Account): Promise<void> {
  const { data } = await clientOf(token).send(
    'mutation { publishPost(input: { body: "x" }) { activity { status } } }',
  );
  expect(data).toEqual({ publishPost: { activity: { status: 'QUEUED' } } });
}
