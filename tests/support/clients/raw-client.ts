import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request } from 'undici';
import { WebSocket } from 'ws';

interface GraphqlError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions: Record<string, unknown>;
}

/** An answer of the gateway, over whichever transport. */
export interface Answer {
  /** Undefined over WebSocket. */
  readonly status?: number;
  readonly headers: Record<string, unknown>;
  /** As it came. */
  readonly text: string;
  readonly data: Record<string, unknown> | null | undefined;
  readonly errors: readonly GraphqlError[];
  /** Code of the first error. */
  readonly code: unknown;
  /** Duration in milliseconds. */
  readonly took: number;
}

export interface Raw {
  readonly method?: 'POST' | 'GET' | 'PUT' | 'DELETE';
  /** Behind the address of the gateway. */
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

const answerOf = (text: string, started: number): Omit<Answer, 'status' | 'headers'> => {
  const parsed = text.startsWith('{') ? JSON.parse(text) : {};
  const errors = parsed.errors ?? [];
  return {
    text,
    data: parsed.data,
    errors,
    code: errors[0]?.extensions?.code,
    took: performance.now() - started,
  };
};

/** Sends what no well-behaved client sends. */
export const sendRaw = async (
  gatewayUrl: string,
  { method = 'POST', path = '/graphql', headers = {}, body }: Raw,
): Promise<Answer> => {
  const started = performance.now();
  const response = await request(gatewayUrl + path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.body.text();
  return { ...answerOf(text, started), status: response.statusCode, headers: response.headers };
};

interface Operation {
  readonly query?: string;
  readonly variables?: unknown;
  readonly operationName?: string;
  readonly extensions?: unknown;
}

export type Ask = (operation: Operation, token?: string, headers?: Record<string, string>) => Promise<Answer>;

const bearer = (token: string | undefined): Record<string, string> =>
  token === undefined ? {} : { authorization: `Bearer ${token}` };

/** One operation by POST, as JSON. */
export const overHttp =
  (gatewayUrl: string): Ask =>
  (operation, token, headers = {}) =>
    sendRaw(gatewayUrl, {
      headers: { accept: 'application/graphql-response+json', ...bearer(token), ...headers },
      body: JSON.stringify(operation),
    });

/** One operation by POST, answered as an event stream. */
export const overEvents =
  (gatewayUrl: string): Ask =>
  async (operation, token, headers = {}) => {
    const answer = await sendRaw(gatewayUrl, {
      headers: { accept: 'text/event-stream', ...bearer(token), ...headers },
      body: JSON.stringify(operation),
    });
    const [, first = answer.text] = /^event: next\ndata: (.*)$/m.exec(answer.text) ?? [];
    return { ...answer, ...answerOf(first, 0), took: answer.took };
  };

/** One operation over a WebSocket of its own. */
export const overWebSocket =
  (gatewayUrl: string): Ask =>
  async (operation, token) => {
    const socket = await openSocket(gatewayUrl);
    try {
      await socket.init(token);
      const started = performance.now();
      socket.send({ id: '1', type: 'subscribe', payload: operation });
      const { type, payload } = await socket.next(({ id }) => id === '1');
      const text = JSON.stringify(type === 'error' ? { errors: payload } : payload);
      return { ...answerOf(text, started), headers: {} };
    } finally {
      socket.socket.terminate();
    }
  };

export interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

export interface SocketOptions {
  readonly protocol?: string | undefined;
  readonly origin?: string;
  /** False: a TLS certificate is not looked at. */
  readonly rejectUnauthorized?: boolean;
}

/** A socket by hand. */
export const openSocket = async (gatewayUrl: string, { protocol, ...options }: SocketOptions = {}) => {
  const url = `${gatewayUrl.replace(/^http/, 'ws')}/graphql`;
  const socket = new WebSocket(url, protocol ?? 'graphql-transport-ws', options);
  const messages: Message[] = [];
  let wake = Promise.withResolvers<void>();
  const notify = () => {
    wake.resolve();
    wake = Promise.withResolvers();
  };
  let closedWith: number | undefined;
  const closed = new Promise<number>((resolve) => {
    socket.once('close', (code) => {
      closedWith = code;
      notify();
      resolve(code);
    });
  });
  socket.on('message', (data) => {
    messages.push(JSON.parse(String(data)));
    notify();
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve());
    socket.once('error', reject);
  });
  /** The first message that is wanted, of those that have come and those that come. */
  const next = async (wanted: (message: Message) => boolean): Promise<Message> => {
    for (;;) {
      const found = messages.find(wanted);
      if (found) return found;
      if (closedWith !== undefined) throw new Error(`closed with ${closedWith}`);
      await wake.promise;
    }
  };
  const send = (message: Message | string) =>
    socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  return {
    socket,
    messages,
    closed,
    next,
    send,
    init: async (token?: string) => {
      send({ type: 'connection_init', payload: bearer(token) });
      await next(({ type }) => type === 'connection_ack');
    },
  };
};

/**
 * The code with which the gateway closes a socket that offers these subprotocols. By hand: a client library ends a
 * handshake in which none of its own is chosen, before the close comes.
 */
export const closeCodeFor = (gatewayUrl: string, protocols: readonly string[]): Promise<number> =>
  new Promise((resolve, reject) => {
    const upgrade = httpRequest(`${gatewayUrl}/graphql`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        ...(protocols.length > 0 ? { 'sec-websocket-protocol': protocols.join(', ') } : {}),
      },
    });
    upgrade.on('error', reject);
    upgrade.on('response', ({ statusCode }) => reject(new Error(`no upgrade, but ${statusCode}`)));
    upgrade.on('upgrade', (_response, socket, head) => {
      let received = head;
      // RFC 6455, section 5.5.1: a close frame, unmasked from a server, begins with its code.
      const read = (): void => {
        if (received.length < 4) return;
        if (received[0] === 0x88) resolve(received.readUInt16BE(2));
        else reject(new Error(`no close frame, but ${received.toString('hex')}`));
        socket.destroy();
      };
      socket.on('data', (data: Buffer) => {
        received = Buffer.concat([received, data]);
        read();
      });
      socket.on('close', () => reject(new Error('closed without a frame')));
      read();
    });
    upgrade.end();
  });
