import WebSocket from 'ws';
import { until } from './eventually.ts';

/** Memory of a Node process after a full garbage collection, in bytes. */
export interface Memory {
  /** JavaScript objects, and the memory that they hold outside of the heap. */
  readonly held: number;
  /** The pages of the process: what is held, its code, and what its allocators have not given back. */
  readonly resident: number;
}

/** Environment of a process whose memory is to be read: the port of Node's inspector is any that is free. */
export const inspectable = {
  NODE_OPTIONS: [process.env.NODE_OPTIONS, '--inspect-port=0'].filter(Boolean).join(' '),
};

/** Limit for the inspector to open and to reply, in ms, for a busy machine. */
const timeoutMs = 30_000;

const addresses = (log: string): string[] =>
  [...log.matchAll(/^Debugger listening on (ws:\S+)$/gm)].flatMap(([, address]) => address ?? []);

const connect = (address: string): Promise<WebSocket> => {
  const socket = new WebSocket(address, { perMessageDeflate: false, handshakeTimeout: timeoutMs });
  return new Promise((resolve, reject) => {
    socket.once('open', () => resolve(socket));
    socket.on('error', reject);
  });
};

/**
 * Opens the inspector of a process, which listens after the signal. The log may also contain lines of earlier
 * processes: only the newest address can be current, and only if it replies.
 */
const openInspector = async (pid: number, log: () => string): Promise<WebSocket> => {
  process.kill(pid, 'SIGUSR1');
  const newest = async () => {
    const address = addresses(log()).at(-1);
    return address === undefined ? undefined : connect(address).catch(() => undefined);
  };
  return until(`process ${pid} opens its inspector`, newest, timeoutMs);
};

/** One command of the protocol: https://chromedevtools.github.io/devtools-protocol/ */
const command = (socket: WebSocket, id: number, method: string, params: object = {}): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${method}: no answer in ${timeoutMs} ms`)), timeoutMs);
    const heard = (data: WebSocket.RawData): void => {
      const answer = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (answer.id !== id) return;
      clearTimeout(timer);
      socket.off('message', heard);
      resolve(answer.result);
    };
    socket.on('message', heard);
    socket.send(JSON.stringify({ id, method, params }));
  });

/**
 * Runs a garbage collection in a process and returns its memory. Without it the resident size means little:
 * an idle process does not collect and keeps the memory of its last burst for hours.
 * @param log its output so far; it must have been started with `inspectable`
 */
export const readMemory = async (pid: number, log: () => string): Promise<Memory> => {
  const socket = await openInspector(pid, log);
  try {
    // Twice: what finalizers let go of in the first is collected in the second.
    await command(socket, 1, 'HeapProfiler.collectGarbage');
    await command(socket, 2, 'HeapProfiler.collectGarbage');
    const expression = '(({ heapUsed, external, rss }) => [heapUsed + external, rss])(process.memoryUsage())';
    const { result } = (await command(socket, 3, 'Runtime.evaluate', {
      expression,
      returnByValue: true,
    })) as { result: { value: readonly [number, number] } };
    const [held, resident] = result.value;
    return { held, resident };
  } finally {
    socket.terminate();
  }
};
