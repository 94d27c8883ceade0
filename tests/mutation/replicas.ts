import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Queue } from '@rookery/message-queue';
import { readMetric } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import { freePort } from '@rookery/stack';
import { eventually } from '../support/eventually.ts';
import {
  type FaultProxy,
  type FreshServer,
  freshNats,
  startFaultProxy,
  startGatewayKeys,
  useServers,
} from '../support/index.ts';
import { readQueue } from '../support/servers/read-queue.ts';
import { type Mutation, startMutationSubgraph } from '../support/systems/start-mutation.ts';
import { openTestQueue } from './queue.ts';

const queueNames = ['first', 'second'] as const;

/** A mutation replica with a clock of its own, and a link of its own to each queue. */
export interface Replica extends Mutation {
  /** Offset of its clock from that of the machine, in milliseconds. */
  skewMs: number;
  readonly links: readonly FaultProxy[];
}

export interface Replicas extends AsyncDisposable {
  readonly servers: readonly FreshServer[];
  readonly all: readonly Replica[];
  /** Resolves once each replica uses exactly those queues that it can reach. */
  settled(): Promise<void>;
  /** Lets everything pass again, and resolves once both queues hold the same marks of these actors. */
  heal(actors: Iterable<string>): Promise<void>;
  /** This actor's events in both queues; an event that both hold comes twice. */
  events(actor: string): Promise<Envelope[]>;
}

/** Replicas on two queues, with neither Postgres nor documents: what a mutation needs to be accepted. */
export const startReplicas = async (count: number): Promise<Replicas> => {
  await using undo = new AsyncDisposableStack();
  const home = mkdtempSync(join(useServers().dir, 'replicas-'));
  undo.defer(() => rmSync(home, { recursive: true, force: true }));
  const servers = [undo.use(await freshNats()), undo.use(await freshNats())];
  const queues: (Queue & AsyncDisposable)[] = [];
  for (const { url } of servers) queues.push(undo.use(await openTestQueue(url)));
  const nowhere = `postgres://127.0.0.1:${await freePort()}/none`;
  const keys = undo.use(await startGatewayKeys());

  const start = async (n: number): Promise<Replica> => {
    const links: FaultProxy[] = [];
    for (const { url } of servers) {
      const { hostname, port } = new URL(url);
      links.push(undo.use(await startFaultProxy({ host: hostname, port: Number(port) })));
    }
    const [first, second] = links.map((link, i) => link.through(servers[i]?.url ?? ''));
    const replica = { skewMs: 0 };
    const mutation = undo.use(
      await startMutationSubgraph(
        {
          signer: keys,
          env: {
            NODE_ENV: 'test',
            LOG_LEVEL: 'info',
            HOST: '127.0.0.1',
            MUTATION_PORT: '0',
            MUTATION_METRICS_PORT: '0',
            POSTGRES_URL: nowhere,
            DOCUMENTS_URL: nowhere,
            NATS_URL: first ?? '',
            NATS_REDUNDANT_URL: second ?? '',
            GATEWAY_KEYS_URL: keys.keysUrl,
            TOKEN_KEY_FILE: join(home, `key-${n}.pem`),
            CURSOR_SECRET: 'c'.repeat(32),
          },
        },
        { wait: false, now: () => Date.now() + replica.skewMs },
      ),
    );
    return Object.assign(replica, mutation, { links });
  };
  const all = await Promise.all(Array.from({ length: count }, (_, n) => start(n)));

  const isUp = (server: FreshServer): boolean => {
    try {
      process.kill(server.pid, 0);
      return true;
    } catch {
      return false;
    }
  };
  const settled = async (): Promise<void> => {
    for (const { metricsUrl, links } of all) {
      for (const [i, queue] of queueNames.entries()) {
        const server = servers[i];
        const expected = server && isUp(server) && links[i]?.state.kind === 'pass' ? 1 : 0;
        await eventually(async () =>
          (await readMetric(metricsUrl, 'rookery_queue_up', { queue })) === expected ? true : undefined,
        );
      }
    }
  };
  await settled();

  const resources = undo.move();
  return {
    servers,
    all,
    settled,
    async heal(actors) {
      for (const { links } of all) for (const link of links) link.set({ kind: 'pass' });
      for (const server of servers) if (!isUp(server)) await server.restart();
      await settled();
      for (const actor of actors) {
        await eventually(async () => {
          const [one, two] = await Promise.all(queues.map((queue) => queue.highWaterMark(actor)));
          return one === two ? true : undefined;
        });
      }
    },
    async events(actor) {
      const found = queues.map(async (queue, i) => {
        // Not by the recorder's consumer: after a kill it may wait for what is gone.
        const { activity } = await readQueue(servers[i]?.url ?? '');
        return Promise.all(activity.map((id) => queue.find(id)));
      });
      const events = (await Promise.all(found)).flat().flatMap((one) => (one ? [one.event] : []));
      return events.filter((event) => event.actor === actor);
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
