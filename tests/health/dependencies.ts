import { type ProcessName, processNames } from '@rookery/stack';
import { expect } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { type FreshServer, freshPostgres, type System, startSystem } from '../support/index.ts';

type ServerName = 'postgres' | 'nats' | 'redis' | 'documents';
type Dependency = ServerName | ProcessName;

/**
 * For each server that is down, the processes that are not ready; all others stay in rotation. Only the recorder and
 * the projector may become not ready because of a server: no load balancer sends them requests.
 */
const servers: readonly (readonly [down: ServerName, notReady: readonly ProcessName[]])[] = [
  ['postgres', ['recorder']],
  ['nats', ['recorder', 'projector']],
  ['redis', []],
  ['documents', ['projector']],
];
/** Nobody becomes not ready without a process. Other tests of health stop the other ones. */
const mutation: readonly [down: ProcessName, notReady: readonly ProcessName[]] = ['mutation', []];
export const rows = { servers, all: [...servers, mutation] };

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

const isProcess = (name: Dependency): name is ProcessName =>
  (processNames as readonly string[]).includes(name);

/** A system whose servers can be killed and frozen one by one, and its health reports. */
export const startHealthWorld = async () => {
  const [postgres, documents] = await Promise.all([freshPostgres(), freshPostgres()]);
  const system: System = await startSystem({ postgresUrl: postgres.url, documentsUrl: documents.url });
  const { nats, redis } = system.servers;
  const ownServers: Readonly<Record<ServerName, FreshServer>> = { postgres, nats, redis, documents };

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

  /** Checks that these processes are in rotation. */
  const expectReady = async (names: readonly ProcessName[]): Promise<void> => {
    for (const name of names) expect([name, (await health(name)).status]).toEqual([name, 200]);
  };

  /** Takes one part away, checks who is ready meanwhile, and brings it back. */
  const withoutPart = async (
    down: Dependency,
    notReady: readonly ProcessName[],
    how: 'killed' | 'frozen',
  ): Promise<void> => {
    await system.ready();
    const others = processNames.filter((name) => name !== down && !notReady.includes(name));
    if (isProcess(down)) await system.kill(down);
    else if (how === 'killed') await ownServers[down].kill();
    else ownServers[down].signal('SIGSTOP');
    try {
      for (const [name, part] of noticed[down] ?? [])
        await eventually(async () => (await partsOf(name))[part] === 'unavailable', {
          what: `${name} without ${part}`,
        });
      for (const name of notReady)
        await eventually(async () => (await health(name)).status === 503, { what: `${name} not ready` });
      await expectReady(others);
    } finally {
      if (isProcess(down)) await system.start(down);
      else if (how === 'killed') await ownServers[down].restart();
      else ownServers[down].signal('SIGCONT');
    }
    for (const name of processNames)
      await eventually(async () => (await health(name)).status === 200, { what: `${name} ready` });
    await eventually(async () => (await flow()).status === 200, { what: 'flow' });
  };

  return {
    system,
    servers: ownServers,
    flow,
    expectReady,
    withoutPart,
    [Symbol.asyncDispose]: async () => {
      await system.stop();
      await Promise.all([postgres.stop(), documents.stop()]);
    },
  };
};
export type HealthWorld = Awaited<ReturnType<typeof startHealthWorld>>;
