import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Passes connections to replicas, as a Service of Kubernetes does: a connection stays with its replica. */
export interface TcpBalancer extends AsyncDisposable {
  readonly port: number;
  add(port: number): void;
  /** Sends no new connection there. Those that stand go on. */
  remove(port: number): void;
}

export const startTcpBalancer = async (): Promise<TcpBalancer> => {
  const targets: number[] = [];
  const sockets = new Set<Socket>();
  let turn = 0;
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const port = targets[turn++ % targets.length];
    if (port === undefined) {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    add: (port) => void targets.push(port),
    remove: (port) => {
      const index = targets.indexOf(port);
      if (index >= 0) targets.splice(index, 1);
    },
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
};
