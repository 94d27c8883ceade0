import { WebSocket } from 'ws';
import { until } from '../eventually.ts';
import type { TestGateway } from './gateway.ts';

export const init = '{"type":"connection_init"}';
export const subscribe = (id: string, query: string, more: object = {}) =>
  JSON.stringify({ id, type: 'subscribe', payload: { query, ...more } });

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** Opens a socket on which a test sends what no well-behaved client sends. */
export const openSocket = async (
  { url }: Pick<TestGateway, 'url'>,
  { protocol = 'graphql-transport-ws', origin }: { protocol?: string; origin?: string } = {},
) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/graphql`, protocol, origin ? { origin } : {});
  const messages: Message[] = [];
  socket.on('message', (data) => messages.push(JSON.parse(String(data))));
  const closed = new Promise<{ code: number; reason: string }>((resolve) =>
    socket.once('close', (code, reason) => resolve({ code, reason: String(reason) })),
  );
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const received = async (wanted: (message: Message) => boolean) => {
    await until('message', () => messages.some(wanted));
    return messages.find(wanted);
  };
  return {
    socket,
    messages,
    closed,
    received,
    send: (...texts: string[]) => {
      for (const text of texts) socket.send(text);
    },
    acknowledged: async () => {
      socket.send(init);
      await received(({ type }) => type === 'connection_ack');
    },
  };
};
