import { setTimeout as sleep } from 'node:timers/promises';
import type { Session } from '../auth/authenticate.ts';
import type { Close } from '../websocket/close-codes.ts';

/** Between two that are closed gently, on the average, in milliseconds. */
const apart = 5;

/** A client's WebSocket or event stream, for as long as it is open. */
export interface LiveConnection {
  /** Session of the connection; undefined if anonymous, or not signed in yet. */
  readonly session: Session | undefined;
  /** Subscriptions that run on it. */
  readonly subscriptions: number;
  /** @param comeBackIn the hint to the client, in milliseconds */
  readonly close: (why: Close, comeBackIn?: number) => void;
  readonly closed: Promise<void>;
}

/** Everything that clients have open at this gateway: who must close some of it, finds it here. */
export class LiveConnections {
  readonly #open = new Set<LiveConnection>();

  add(connection: LiveConnection): void {
    this.#open.add(connection);
    void connection.closed.then(() => this.#open.delete(connection));
  }

  get size(): number {
    return this.#open.size;
  }

  /**
   * Closes at once what the predicate chooses: of a session that was revoked, say.
   * @returns how many
   */
  closeWhere(chosen: (connection: LiveConnection) => boolean, why: Close): number {
    const connections = [...this.#open].filter(chosen);
    for (const connection of connections) connection.close(why);
    return connections.length;
  }

  /**
   * Closes what the predicate chooses, spread over a moment, so that its clients do not come back all at once; each
   * is told how long to wait besides.
   * @param spread between the first and the last, at most, in milliseconds; few are closed sooner
   * @returns when all have been told; `closed`, when all are gone
   */
  async closeGently(
    chosen: (connection: LiveConnection) => boolean,
    why: Close,
    spread: number,
  ): Promise<{ readonly closed: Promise<unknown> }> {
    const connections = [...this.#open].filter(chosen);
    const within = Math.min(spread, connections.length * apart);
    await Promise.all(
      connections.map(async (connection) => {
        await sleep(Math.random() * within);
        connection.close(why, Math.ceil(Math.random() * spread));
      }),
    );
    return { closed: Promise.all(connections.map(({ closed }) => closed)) };
  }
}
