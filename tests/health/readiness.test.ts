import { readSamples } from '@rookery/service';
import { type ProcessName, processNames } from '@rookery/stack';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ops } from '../recovery/ops.ts';
import { eventually } from '../stores/eventually.ts';
import { type FreshServer, freshPostgres, type System, startSystem } from '../world/index.ts';

type Dependency = 'postgres' | 'nats' | 'redis' | 'documents' | ProcessName;

/**
 * For each dependency that is down, the processes that are not ready; all others stay in rotation. Only the
 * recorder and the projector may become not ready because of a server: no load balancer sends them requests.
 */
const rows: readonly (readonly [down: Dependency, notReady: readonly ProcessName[]])[] = [
  ['postgres', ['recorder']],
  ['nats', ['recorder', 'projector']],
  ['redis', []],
  ['documents', ['projector']],
  ['mutation', []],
  ['query', []],
  ['recorder', []],
  ['projector', []],
];

/** The part that a serving process shows as unavailable: proof that it has noticed, and stays ready all the same. */
const noticed: Partial<Record<Dependency, readonly (readonly [ProcessName, string])[]>> = {
  postgres: [['mutation', 'accounts']],
  nats: [
    ['mutation', 'queue'],
    ['query', 'queue'],
  ],
  redis: [
    ['query', 'feeds'],
    ['projector', 'feeds'],
  ],
  documents: [['query', 'documents']],
};

let system: System;
const servers = {} as Record<'postgres' | 'nats' | 'redis' | 'documents', FreshServer>;

beforeAll(async () => {
  [servers.postgres, servers.documents] = await Promise.all([freshPostgres(), freshPostgres()]);
  system = await startSystem({ postgresUrl: servers.postgres.url, documentsUrl: servers.documents.url });
  servers.nats = system.servers.nats;
  servers.redis = system.servers.redis;
}, 120_000);
afterAll(async () => {
  await system.stop();
  await Promise.all([servers.postgres.stop(), servers.documents.stop()]);
});

const isProcess = (name: Dependency): name is ProcessName =>
  (processNames as readonly string[]).includes(name);

const health = async (name: ProcessName, path = 'ready') => {
  const response = await fetch(`${system.urls[name]}/health/${path}`);
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
};
const partsOf = async (name: ProcessName) => (await health(name)).body.parts as Record<string, string>;
const flow = async () => {
  const { status, body } = await health('query', 'flow');
  const steps = body.steps as { name: string; state: string; behind: number; lateMs: number }[];
  return { status, body, steps: new Map(steps.map((step) => [step.name, step])) };
};

describe.each(rows)('with %s down', (down, notReady) => {
  it.each(isProcess(down) ? ['killed'] : ['killed', 'frozen'])(
    `%s, only these are not ready: ${notReady.join(', ') || 'none'}`,
    { timeout: 240_000 },
    async (how) => {
      await system.ready();
      const others = processNames.filter((name) => name !== down && !notReady.includes(name));
      if (isProcess(down)) await system.kill(down);
      else if (how === 'killed') await servers[down].kill();
      else servers[down].signal('SIGSTOP');
      try {
        for (const [name, part] of noticed[down] ?? [])
          await eventually(async () => (await partsOf(name))[part] === 'unavailable', {
            what: `${name} without ${part}`,
          });
        for (const name of notReady)
          await eventually(async () => (await health(name)).status === 503, { what: `${name} not ready` });
        for (const name of others) expect([name, (await health(name)).status]).toEqual([name, 200]);
      } finally {
        if (isProcess(down)) await system.start(down);
        else if (how === 'killed') await servers[down].restart();
        else servers[down].signal('SIGCONT');
      }
      for (const name of processNames)
        await eventually(async () => (await health(name)).status === 200, { what: `${name} ready` });
      await eventually(async () => (await flow()).status === 200, { what: 'flow' });
    },
  );
});

describe('/health/flow', () => {
  it.each(['recorder', 'projector'] as const)('names what stops without %s', async (name) => {
    await system.ready();
    const writer = await system.signUp();
    await eventually(async () => (await flow()).body.behind === 0, { what: 'nothing behind' });
    await system.kill(name);
    const stopped =
      name === 'recorder' ? ['recorder'] : ['profiles', 'posts', 'reactions', 'feeds', 'activities'];
    // They do not all stop at once.
    const haveStopped = async () => {
      const { steps } = await flow();
      return stopped.every((step) => steps.get(step)?.state === 'stopped');
    };
    await eventually(haveStopped, { what: `${stopped} stopped` });
    const { status, steps } = await flow();
    expect(status).toBe(503);
    for (const [step, { state }] of steps)
      expect([step, state]).toEqual([step, stopped.includes(step) ? 'stopped' : 'working']);
    await publish(writer.token);
    await eventually(async () => {
      const { body, steps: now } = await flow();
      const step = now.get(stopped[0] ?? '');
      // An age that grows: it is the oldest event's.
      return body.behind === 1 && step?.behind === 1 && step.lateMs > 300 && Number(body.lateMs) > 300;
    });
    await system.start(name);
    await eventually(async () => (await flow()).body.behind === 0, { what: 'nothing behind' });
    expect((await flow()).status).toBe(200);
  });

  it('says that the queue takes no writes', async () => {
    await system.ready();
    await servers.nats.kill();
    await eventually(async () => (await flow()).status === 503, { what: 'no flow' });
    expect((await flow()).body).toMatchObject({ flowing: false, queue: false, behind: null });
    await servers.nats.restart();
    await eventually(async () => (await flow()).status === 200, { what: 'flow' });
  });
});

it('ops status and a metric name the subgraph that is down, and ops status what stops', {
  timeout: 90_000,
}, async () => {
  await system.ready();
  const healthy = await ops(system.env, 'status');
  expect(healthy).toMatchObject({ code: 0, json: { ok: true, flow: { flowing: true } } });
  await system.kill('query');
  const down = await ops(system.env, 'status');
  expect(down.code).toBe(1);
  const part = (name: string, kind: string) =>
    down.json.parts.find((one: { name: string; kind: string }) => one.name === name && one.kind === kind);
  expect(part('query', 'subgraph')).toMatchObject({ ok: false });
  expect(part('mutation', 'subgraph')).toMatchObject({ ok: true });
  expect(part('gateway', 'process')).toMatchObject({ ok: true });
  const up = await readSamples(system.metricsUrls.gateway, 'gateway_subgraph_up');
  expect(new Map(up.map(({ labels, value }) => [labels.subgraph, value]))).toEqual(
    new Map([
      ['mutation', 1],
      ['query', 0],
    ]),
  );
  await system.start('query');
  await system.kill('projector');
  await eventually(async () => {
    const { json, code } = await ops(system.env, 'status');
    const step = json.flow.steps.find(({ name }: { name: string }) => name === 'feeds');
    return code === 1 && step.state === 'stopped';
  });
  await system.start('projector');
});

async function publish(token: string): Promise<void> {
  const response = await fetch(system.graphqlUrl, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({
      query: 'mutation { publishPost(input: { body: "x" }) { activity { status } } }',
    }),
  });
  expect(await response.json()).toMatchObject({ data: { publishPost: { activity: { status: 'QUEUED' } } } });
}
