import { WebSocket } from 'ws';
import { query } from './subgraph.ts';

interface Message {
  readonly type: string;
  readonly payload?: { readonly data?: { readonly told: { readonly sentAt: number } } };
}

export interface ClientsOptions {
  readonly url: string;
  readonly subscriptions: number;
  /** Number of subscriptions on one socket. */
  readonly perSocket: number;
  readonly topicOf: (subscription: number) => number;
  /** Called with the latency of each delivery in milliseconds. */
  readonly delivered: (time: number) => void;
}

/** Number of sockets that are opened concurrently: more would only wait for each other. */
const atOnce = 50;

/** Subscribers on minimal sockets, since the cost of the clients is not measured. */
export class Clients {
  readonly #sockets: WebSocket[] = [];

  static async open(options: ClientsOptions): Promise<Clients> {
    const clients = new Clients();
    const { subscriptions, perSocket } = options;
    const starts = Array.from({ length: Math.ceil(subscriptions / perSocket) }, (_, n) => n * perSocket);
    for (let i = 0; i < starts.length; i += atOnce)
      await Promise.all(starts.slice(i, i + atOnce).map((from) => clients.#open(options, from)));
    return clients;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map(
        (socket) =>
          new Promise((resolve) => {
            socket.once('close', resolve);
            socket.close(1000);
          }),
      ),
    );
  }

  #open({ url, subscriptions, perSocket, topicOf, delivered }: ClientsOptions, from: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const socket = new WebSocket(url, 'graphql-transport-ws', { perMessageDeflate: false });
    this.#sockets.push(socket);
    socket.once('error', reject);
    socket.once('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data) => {
      const { type, payload } = JSON.parse(String(data)) as Message;
      const sentAt = payload?.data?.told.sentAt;
      if (type === 'next' && sentAt !== undefined) delivered(performance.now() - sentAt);
      else if (type === 'connection_ack') {
        for (let n = from; n < Math.min(from + perSocket, subscriptions); n++)
          socket.send(
            JSON.stringify({
              id: String(n),
              type: 'subscribe',
              payload: { query, variables: { topic: topicOf(n) } },
            }),
          );
        resolve();
      } else if (type === 'ping') socket.send('{"type":"pong"}');
      else reject(new Error(String(data)));
    });
    return promise;
  }
}
