import { backoffMs, type Logger } from '@rookery/runtime';
import type { Database } from '../storage/database.ts';
import {
  claimDeliveries,
  type DueDelivery,
  disableWebhook,
  noteDelivered,
  noteFailed,
} from '../storage/webhooks.ts';
import { post } from './post.ts';
import { signedHeaders } from './signature.ts';
import type { WebhookTargets } from './targets.ts';

export interface WebhookOptions {
  readonly targets: WebhookTargets;
  /** Interval at which it looks for messages. Default: 1 s. */
  readonly pollMs?: number;
  /** Delay after the first failure, which doubles with each. Default: 5 s. */
  readonly firstRetryMs?: number;
  /** Attempts before a message is given up. Default: 15, in about 20 hours. */
  readonly maxAttempts?: number;
}

const maxConcurrent = 20;
const maxRetryMs = 6 * 3_600_000;

/** Sends stored events to webhooks until each receiver has taken them. */
export class WebhookSender implements AsyncDisposable {
  readonly #database: Database;
  readonly #options: Required<WebhookOptions>;
  readonly #log: Logger;
  readonly #running = new Map<string, Promise<void>>();
  readonly #timer: NodeJS.Timeout;
  readonly #stopping = new AbortController();
  #looking: Promise<void> = Promise.resolve();
  #isLooking = false;

  constructor(
    database: Database,
    { targets, pollMs = 1_000, firstRetryMs = 5_000, maxAttempts = 15 }: WebhookOptions,
    log: Logger,
  ) {
    this.#database = database;
    this.#options = { targets, pollMs, firstRetryMs, maxAttempts };
    this.#log = log.child({ subsystem: 'webhooks' });
    this.#timer = setInterval(() => this.#look(), pollMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all(this.#running.values());
  }

  #look(): void {
    if (this.#stopping.signal.aborted || this.#isLooking || this.#running.size >= maxConcurrent) return;
    this.#isLooking = true;
    this.#looking = this.#claim()
      .catch((error: Error) => {
        // An outage of Postgres; the next look tries again.
        this.#log.debug({ reason: error.message }, 'failed to look for events to send');
      })
      .finally(() => {
        this.#isLooking = false;
      });
  }

  async #claim(): Promise<void> {
    const free = maxConcurrent - this.#running.size;
    for (const due of await claimDeliveries(this.#database, [...this.#running.keys()], free)) {
      const sent = this.#send(due)
        .catch((error) =>
          this.#log.warn(
            { error, webhook: due.webhook },
            'failed to note how a delivery ended; it is repeated',
          ),
        )
        .finally(() => {
          this.#running.delete(due.webhook);
          // The next one of this webhook may wait already.
          this.#look();
        });
      this.#running.set(due.webhook, sent);
    }
  }

  async #send({ delivery, webhook, message: id, body, attempts, url, secret }: DueDelivery): Promise<void> {
    const timestamp = Math.floor(Date.now() / 1_000);
    const headers = signedHeaders(secret, { id, timestamp, body });
    const { signal } = this.#stopping;
    const { targets, firstRetryMs: firstMs, maxAttempts } = this.#options;
    const answer = await post(url, { body, headers }, targets, signal).catch((error: Error) => error);
    const status = typeof answer === 'number' ? answer : undefined;
    if (status !== undefined && status >= 200 && status < 300)
      return noteDelivered(this.#database, delivery, status);
    if (status === 410) {
      this.#log.warn({ webhook }, 'the receiver answers 410 Gone: the webhook is disabled');
      return disableWebhook(this.#database, webhook, { delivery, status });
    }
    // Another replica, or the next start, sends it at once.
    if (signal.aborted)
      return noteFailed(this.#database, delivery, { reason: 'the registry stopped', retryMs: 0 });
    const reason = answer instanceof Error ? answer.message : `the receiver answers ${answer}`;
    const isLast = attempts >= maxAttempts;
    if (isLast)
      this.#log.error({ webhook, id, attempts, reason }, 'an event was not delivered and is given up');
    const retryMs = isLast ? undefined : backoffMs(attempts, { firstMs, maxMs: maxRetryMs });
    return noteFailed(this.#database, delivery, { reason, status, retryMs });
  }
}
