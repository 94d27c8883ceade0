import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from './fault-proxy.ts';

/** An echo server behind a proxy. */
let server: Server;
let proxy: FaultProxy;
const open = new Set<Socket>();

const ended = (socket: Socket): Promise<void> =>
  new Promise((resolve) => socket.once('close', () => resolve()));

const dial = async (): Promise<Socket> => {
  const socket = connect(proxy.port, '127.0.0.1');
  open.add(socket);
  socket.on('error', () => {});
  await Promise.race([new Promise((resolve) => socket.once('connect', resolve)), ended(socket)]);
  return socket;
};
const echo = async (socket: Socket, text: string): Promise<string> => {
  socket.write(text);
  const [data] = await once(socket, 'data');
  return String(data);
};
/** Returns the first event: a reply, the end of the connection, or neither within a time. */
const outcome = (socket: Socket, text: string, wait = 150): Promise<string> => {
  if (socket.closed) return Promise.resolve('closed');
  socket.write(text);
  return Promise.race([
    once(socket, 'data').then(String, () => 'closed'),
    ended(socket).then(() => 'closed'),
    new Promise<string>((resolve) => setTimeout(() => resolve('silence'), wait)),
  ]);
};

beforeAll(async () => {
  server = createServer((socket) => {
    socket.on('error', () => {});
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  proxy = await startFaultProxy({
    host: '127.0.0.1',
    port: typeof address === 'object' && address !== null ? address.port : 0,
  });
});
beforeEach(() => proxy.set({ kind: 'pass' }));
afterAll(async () => {
  for (const socket of open) socket.destroy();
  await proxy.close();
  server.close();
});

describe('the fault proxy', () => {
  it('passes what is sent, and the end of a connection too', async () => {
    const socket = await dial();
    expect(await echo(socket, 'rook')).toBe('rook');
    socket.end();
    await ended(socket);
    await expect.poll(() => proxy.counts.open).toBe(0);
  });

  it('cut: standing connections are reset, new ones refused; afterwards all is well', async () => {
    const socket = await dial();
    await echo(socket, 'rook');
    const broken = ended(socket);
    proxy.set({ kind: 'cut' });
    await broken;
    expect(await outcome(await dial(), 'crow')).toBe('closed');
    proxy.set({ kind: 'pass' });
    expect(await echo(await dial(), 'jay')).toBe('jay');
  });

  it('half-open: silence on old and new connections, and nothing is lost when it ends', async () => {
    const socket = await dial();
    await echo(socket, 'rook');
    proxy.set({ kind: 'half-open' });
    const late = await dial();
    expect(await outcome(socket, 'crow')).toBe('silence');
    expect(await outcome(late, 'daw')).toBe('silence');
    const [one, other] = [once(socket, 'data'), once(late, 'data')];
    proxy.set({ kind: 'pass' });
    expect([String(await one), String(await other)]).toEqual(['crow', 'daw']);
    expect(proxy.counts.harmed).toBeGreaterThan(0);
  });

  it('delay and throttle: slower by what was asked for, in order', async () => {
    const socket = await dial();
    const time = async (text: string) => {
      const start = performance.now();
      await echo(socket, text);
      return performance.now() - start;
    };
    proxy.set({ kind: 'delay', ms: 60 });
    expect(await time('rook')).toBeGreaterThan(110); // there and back
    proxy.set({ kind: 'throttle', bytesPerSecond: 10_000 });
    expect(await time('x'.repeat(1_000))).toBeGreaterThan(180);
  });

  it('reset: breaks the existing connections, once', async () => {
    const socket = await dial();
    await echo(socket, 'rook');
    const closed = ended(socket);
    expect(proxy.reset()).toBeGreaterThan(0);
    await closed;
    expect(await echo(await dial(), 'crow')).toBe('crow');
  });

  it('names itself in a URL and keeps the rest', () => {
    expect(proxy.through('postgres://u:p%40@10.0.0.1:5432/db?x=1')).toBe(
      `postgres://u:p%40@127.0.0.1:${proxy.port}/db?x=1`,
    );
    expect(proxy.through('nats://127.0.0.1:4222')).toBe(`nats://127.0.0.1:${proxy.port}`);
  });
});
