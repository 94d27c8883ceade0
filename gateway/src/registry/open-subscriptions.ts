import { type OpenSubscriptionsPart, openSubscriptions } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';
import type { UsageOptions } from './access.ts';
import { ClientOperations } from './client-operations.ts';
import { postToRegistry } from './post-to-registry.ts';
import { reportableOf } from './reportable.ts';
import { batchesOf } from './usage-batches.ts';
import { lastReportMs } from './usage-collector.ts';

/** A subscription that a client asks for. */
interface Wanted {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly client: ClientName | undefined;
}

/** Repeated although nothing changed, so that the registry knows that the gateway still runs. */
const repeatMs = 30_000;

/**
 * Reports which subscriptions are open, by operation and client. Each report replaces the one before; one that the
 * registry does not take is dropped, and the next says what is open then.
 */
export class OpenSubscriptionReports implements AsyncDisposable {
  readonly #options: UsageOptions;
  readonly #log: Logger;
  readonly #open = new ClientOperations({ open: 0 });
  readonly #timer: NodeJS.Timeout;
  /** True if something changed since the last report. */
  #changed = false;
  #sentAt = 0;
  #reports = 0;
  #running: Promise<void> | undefined;

  constructor(options: UsageOptions, log: Logger) {
    this.#options = options;
    this.#log = log.child({ subsystem: 'usage' });
    this.#timer = setInterval(() => {
      this.#running ??= this.#report().finally(() => {
        this.#running = undefined;
      });
    }, options.intervalMs).unref();
  }

  /** Returns the start of a subscription that counts from its beginning to its end, whoever ends it. */
  noting(begin: SubscriptionStart, { prepared, variables, client }: Wanted): SubscriptionStart {
    return (onOverflow) => {
      const events = begin(onOverflow);
      const entry = this.#open.enter(prepared, client, reportableOf(prepared).inputsOf(variables));
      if (entry === undefined) return events;
      entry.open++;
      this.#changed = true;
      void events.closed.then(() => {
        entry.open--;
        if (entry.open === 0) this.#open.delete(entry);
        this.#changed = true;
      });
      return events;
    };
  }

  /** Reports that nothing is open any more: clients of a gateway that stops go to another one. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const stopped = AbortSignal.timeout(lastReportMs);
    await Promise.race([this.#running, new Promise((resolve) => stopped.addEventListener('abort', resolve))]);
    if (this.#reports === 0) return;
    this.#open.clear();
    this.#changed = true;
    await this.#report(stopped);
  }

  async #report(stopped?: AbortSignal): Promise<void> {
    const isRepeated = this.#open.size > 0 && performance.now() - this.#sentAt >= repeatMs;
    if (!this.#changed && !isRepeated) return;
    this.#changed = false;
    this.#sentAt = performance.now();
    const report = ++this.#reports;
    const { fitting, dropped } = this.#open.report(
      ({ open }) => ({ open }),
      (subscriptions) => openSubscriptions.safeParse(subscriptions).success,
    );
    if (dropped > 0)
      this.#log.warn({ dropped }, 'too many or too large open subscriptions; some are not reported');
    const parts = batchesOf(fitting);
    if (parts.length === 0) parts.push([]);
    const path = `gateways/${encodeURIComponent(this.#options.gateway)}/subscriptions`;
    try {
      for (const [part, subscriptions] of parts.entries()) {
        const last = part === parts.length - 1;
        const body: OpenSubscriptionsPart = { report, last, subscriptions };
        await postToRegistry(this.#options, path, body, stopped);
      }
    } catch (error) {
      this.#changed = true;
      this.#log.warn({ error }, 'failed to report open subscriptions; the next report replaces this one');
    }
  }
}
