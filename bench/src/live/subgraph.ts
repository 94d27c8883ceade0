import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export const sdl = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  type Query { now: Float }
  type Subscription { told(topic: Int!, after: String): Told! }
  type Told { cursor: String! sentAt: Float! node: Item! }
  type Item { id: ID! body: String! author: Author! }
  type Author { id: ID! handle: String! name: String! }
`;

export const query = `subscription Told($topic: Int!) {
  told(topic: $topic) { cursor sentAt node { id body author { id handle name } } }
}`;

interface Listener {
  readonly socket: WebSocket;
  readonly id: string;
}

interface Message {
  readonly type: string;
  readonly id?: string;
  readonly payload?: { readonly variables?: { readonly topic?: number } };
}

/** Minimal subgraph for graphql-transport-ws, so that the gateway does the measured work. */
export class LiveSubgraph implements AsyncDisposable {
  readonly #server = new WebSocketServer({ host: '127.0.0.1', port: 0 });
  /** Listeners by topic. */
  readonly #listeners = new Map<number, Set<Listener>>();
  #serial = 0;

  static async start(): Promise<LiveSubgraph> {
    const subgraph = new LiveSubgraph();
    await once(subgraph.#server, 'listening');
    subgraph.#server.on('connection', (socket) => subgraph.#serve(socket));
    return subgraph;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/graphql`;
  }

  get subscriptions(): number {
    let count = 0;
    for (const { size } of this.#listeners.values()) count += size;
    return count;
  }

  tell(topic: number, body: string): void {
    const id = String(++this.#serial);
    const told = {
      cursor: id,
      gatewayCursor: id,
      sentAt: performance.now(),
      node: { id, body, author: { id: '1', handle: 'ada', name: 'Ada' } },
    };
    const payload = JSON.stringify({ data: { told } });
    for (const { socket, id: operation } of this.#listeners.get(topic) ?? [])
      socket.send(`{"type":"next","id":"${operation}","payload":${payload}}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    this.#server.close();
  }

  #serve(socket: WebSocket): void {
    const topics = new Map<string, { topic: number; listener: Listener }>();
    const leave = (id: string) => {
      const found = topics.get(id);
      if (found) this.#listeners.get(found.topic)?.delete(found.listener);
      topics.delete(id);
    };
    socket.on('close', () => [...topics.keys()].forEach(leave));
    socket.on('message', (data) => {
      const { type, id = '', payload } = JSON.parse(String(data)) as Message;
      if (type === 'connection_init') socket.send('{"type":"connection_ack"}');
      else if (type === 'ping') socket.send('{"type":"pong"}');
      else if (type === 'complete') leave(id);
      else if (type === 'subscribe') {
        const topic = payload?.variables?.topic ?? 0;
        const listener = { socket, id };
        const listeners = this.#listeners.get(topic) ?? new Set();
        this.#listeners.set(topic, listeners.add(listener));
        topics.set(id, { topic, listener });
      }
    });
  }
}
