import { once } from 'node:events';
import { createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** Effect of a link on its traffic. Milliseconds, and bytes a second in each direction. */
export type LinkState =
  | { readonly kind: 'pass' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Nothing arrives and nobody is told: neither end hears of it, as with a pulled cable. */
  | { readonly kind: 'half-open' }
  /** Refused: connections are reset, those that stand and those that come. */
  | { readonly kind: 'cut' };

/** Counts of affected connections, which show that a fault has fired. */
interface LinkCounts {
  /** Taken since the start. */
  readonly accepted: number;
  readonly open: number;
  /** Most that were open at once. */
  readonly peak: number;
  /** Chunks that were held, delayed or slowed, and connections that were reset or refused. */
  readonly harmed: number;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  readonly state: LinkState;
  readonly counts: LinkCounts;
  /** Takes effect at once, on standing connections too. */
  set(state: LinkState): void;
  /** Resets every standing connection once (RST); new ones are as the state says. Returns how many there were. */
  reset(): number;
  /** The same URL, through this proxy. */
  through(url: string): string;
  close(): Promise<void>;
}

interface Pair {
  readonly client: Socket;
  readonly upstream: Socket;
}

/** A TCP proxy on a port of its own, for one link between two parts of a system. */
export const startFaultProxy = async (target: {
  readonly host: string;
  readonly port: number;
}): Promise<FaultProxy> => {
  const pairs = new Set<Pair>();
  let state: LinkState = { kind: 'pass' };
  let changed = Promise.withResolvers<void>();
  let [accepted, harmed, peak] = [0, 0, 0];

  /** Lets a chunk through when the state allows it; looks again at each change of the state. */
  const gate = async (bytes: number): Promise<void> => {
    while (state.kind === 'half-open' || state.kind === 'cut') {
      harmed += 1;
      await changed.promise;
    }
    if (state.kind === 'pass') return;
    harmed += 1;
    const wait = state.kind === 'delay' ? state.ms : (bytes / state.bytesPerSecond) * 1_000;
    await Promise.race([sleep(wait, undefined, { ref: false }), changed.promise]);
  };

  const relay = async (from: Socket, to: Socket): Promise<void> => {
    for await (const chunk of from as AsyncIterable<Buffer>) {
      if (state.kind !== 'pass') await gate(chunk.length);
      if (to.destroyed) return;
      if (!to.write(chunk)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
    }
    to.end();
  };

  const server: Server = createServer({ allowHalfOpen: true, noDelay: true }, async (client) => {
    accepted += 1;
    client.on('error', () => {});
    if (state.kind === 'cut') {
      harmed += 1;
      client.resetAndDestroy();
      return;
    }
    if (state.kind === 'half-open') await gate(0);
    if (client.destroyed) return;
    const upstream = tcpConnect({ ...target, allowHalfOpen: true, noDelay: true });
    const pair = { client, upstream };
    pairs.add(pair);
    peak = Math.max(peak, pairs.size);
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      // The other end sees how the first one died: a kill -9 resets the connection, and so does the proxy.
      one.on('error', () => other.resetAndDestroy());
      one.on('close', () => pairs.delete(pair));
      relay(one, other).catch(() => other.destroy());
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;

  const reset = (): number => {
    const standing = [...pairs];
    for (const { client, upstream } of standing) {
      client.resetAndDestroy();
      upstream.resetAndDestroy();
    }
    harmed += standing.length;
    return standing.length;
  };
  const close = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    reset();
    state = { kind: 'pass' };
    changed.resolve();
    await closed;
  };
  return {
    port,
    get state() {
      return state;
    },
    get counts() {
      return { accepted, open: pairs.size, peak, harmed };
    },
    set(next) {
      state = next;
      changed.resolve();
      changed = Promise.withResolvers<void>();
      if (next.kind === 'cut') reset();
    },
    reset,
    through(url) {
      const proxied = new URL(url);
      proxied.host = `127.0.0.1:${port}`;
      return proxied.href.replace(/\/$/, url.endsWith('/') ? '/' : '');
    },
    close,
    [Symbol.asyncDispose]: close,
  };
};
