import { QueueConnection } from '@rookery/message-queue/connection';
import { launchSubject } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';

export interface LaunchListenerOptions {
  readonly url: string;
  readonly environment: string;
  readonly onLaunch: () => void;
  readonly log: Logger;
}

/** Longest wait after an announcement, in milliseconds, so that a fleet does not fetch at one moment. */
const spreadMs = 300;
const timeoutMs = 2_000;

/**
 * Listens to announcements of launches. Each is a hint to fetch: the gateway starts without NATS, and finds missed
 * launches by polling.
 */
export class LaunchListener implements AsyncDisposable {
  readonly #connection: QueueConnection;
  readonly #options: LaunchListenerOptions;
  #timer: NodeJS.Timeout | undefined;
  #subscribedOn: unknown;

  constructor(options: LaunchListenerOptions) {
    this.#options = options;
    const log = options.log.child({ subsystem: 'launches' });
    this.#connection = new QueueConnection({ url: options.url, timeoutMs, log });
    this.#connection.onChange((up) => up && this.#connected());
    this.#connection.onReplaced(() => this.#connected());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    await this.#connection.close();
  }

  #connected(): void {
    const { nc } = this.#connection.clients;
    // A connection that comes back keeps its subscriptions.
    if (this.#subscribedOn !== nc) {
      this.#subscribedOn = nc;
      nc.subscribe(launchSubject(this.#options.environment), { callback: () => this.#hint() });
    }
    // A launch may have been announced while it was down.
    this.#hint();
  }

  #hint(): void {
    // The fetch that is pending also finds what later hints are about.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#options.onLaunch();
    }, Math.random() * spreadMs).unref();
  }
}
