import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { until } from '../eventually.ts';
import { type FreshServer, freshNatsNodes } from './fresh-servers.ts';

export interface NatsCluster extends AsyncDisposable {
  /** nats://…,nats://… with all servers. */
  readonly url: string;
  readonly nodes: readonly FreshServer[];
  /** Returns the server that leads a stream. */
  leaderOf(stream: string): Promise<FreshServer>;
  /** Resolves once all copies of the streams are in step again. */
  inStep(streams: readonly string[]): Promise<void>;
  /** Asks one of the servers that run. */
  ask<R>(question: (jsm: JetStreamManager) => Promise<R>): Promise<R>;
}

/** Three JetStream servers of your own on loopback. */
export const freshNatsCluster = async (): Promise<NatsCluster> => {
  await using undo = new AsyncDisposableStack();
  const nodes = await freshNatsNodes();
  for (const node of nodes) undo.use(node);
  const names = new Map<string, FreshServer>();
  for (const node of nodes) {
    const nc = await connect({ servers: new URL(node.url).host });
    names.set(nc.info?.server_name ?? '', node);
    await nc.close();
  }
  const ask = async <R>(question: (jsm: JetStreamManager) => Promise<R>): Promise<R> => {
    const nc = await connect({ servers: nodes.map(({ url }) => new URL(url).host), timeout: 5_000 });
    try {
      return await question(await jetstreamManager(nc, { timeout: 5_000, checkAPI: false }));
    } finally {
      await nc.close();
    }
  };
  const clusterOf = async (stream: string) =>
    (await ask((jsm) => jsm.streams.info(stream)).catch(() => undefined))?.cluster;
  const resources = undo.move();
  return {
    url: nodes.map(({ url }) => url).join(),
    nodes,
    ask,
    leaderOf: (stream) =>
      until(`a leader of ${stream}`, async () => {
        const cluster = await clusterOf(stream);
        return names.get(cluster?.leader ?? '');
      }),
    async inStep(streams) {
      for (const stream of streams) {
        await until(`all copies of ${stream}`, async () => {
          const cluster = await clusterOf(stream);
          const others = cluster?.replicas ?? [];
          return others.length === nodes.length - 1 && others.every(({ current }) => current);
        });
      }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
};
