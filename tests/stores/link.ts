import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A TCP link to a server that a test can freeze: connections stay open and nothing comes through. */
export interface ProxiedLink extends AsyncDisposable {
  /** The server's URL, by way of this link. */
  readonly url: string;
  /** The most connections that were open at once. */
  readonly peak: number;
  freeze(): void;
  thaw(): void;
  /** Lets new connections through; those that are open stay frozen. */
  thawNew(): void;
}

export const openLink = async (serverUrl: string): Promise<ProxiedLink> => {
  const target = new URL(serverUrl);
  const sockets = new Set<Socket>();
  let frozen = false;
  let open = 0;
  let peak = 0;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    if (frozen) socket.pause();
  };
  const server = createServer((near) => {
    const far = connect(Number(target.port), target.hostname);
    peak = Math.max(peak, ++open);
    near.on('close', () => open--);
    // Not pipe(): it would resume what is frozen.
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      keep(from);
      from.on('data', (data) => to.write(data));
      from.on('close', () => to.destroy());
      if (frozen) from.pause();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(serverUrl);
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    get peak() {
      return peak;
    },
    freeze() {
      frozen = true;
      for (const socket of sockets) socket.pause();
    },
    thaw() {
      frozen = false;
      for (const socket of sockets) socket.resume();
    },
    thawNew() {
      frozen = false;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
