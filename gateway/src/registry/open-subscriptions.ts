import {
  maxInputsOfOperation,
  type OpenSubscriptions,
  type OpenSubscriptionsPart,
  openSubscriptions,
} from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { SubscriptionStart } from '../subscriptions/start.ts';
import type { UsageOptions } from './access.ts';
import { postToRegistry } from './post-to-registry.ts';
import { reportableOf } from './reportable.ts';
import { batchesOf } from './usage-batches.ts';
import { lastReportMs, usageKey } from './usage-collector.ts';

/** A subscription that a client asks for. */
interface Wanted {
  readonly prepared: Prepared;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly client: ClientName | undefined;
}

interface Entry {
  readonly prepared: Prepared;
  readonly client: ClientName | undefined;
  /** Coordinates that the variables named, of all that were open at once. */
  readonly inputs: Set<string>;
  open: number;
}

/** Combinations of operation and client; subscriptions of others are not reported. */
const maxEntries = 5_000;
/** Repeated although nothing changed, so that the registry knows that the gateway still runs. */
const repeatMs = 30_000;

/**
 * Reports which subscriptions are open, by operation and client. Each report replaces the one before; one that the
 * registry does not take is dropped, and the next says what is open then.
 */
export class OpenSubscriptionReports implements AsyncDisposable {
  readonly #options: UsageOptions;
  readonly #log: Logger;
  readonly #entries = new Map<string, Entry>();
  readonly #timer: NodeJS.Timeout;
  /** True if something changed since the last report. */
  #changed = false;
  #sentAt = 0;
  #reports = 0;
  #dropped = 0;
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
  noting(begin: SubscriptionStart, wanted: Wanted): SubscriptionStart {
    return (onOverflow) => {
      const events = begin(onOverflow);
      const entry = this.#enter(wanted);
      if (entry !== undefined) void events.closed.then(() => this.#leave(entry));
      return events;
    };
  }

  /** Reports that nothing is open any more: clients of a gateway that stops go to another one. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    const stopped = AbortSignal.timeout(lastReportMs);
    await Promise.race([this.#running, new Promise((resolve) => stopped.addEventListener('abort', resolve))]);
    if (this.#reports === 0) return;
    this.#entries.clear();
    this.#changed = true;
    await this.#report(stopped);
  }

  /** Returns undefined if there are too many combinations. */
  #enter({ prepared, variables, client }: Wanted): Entry | undefined {
    const key = usageKey(prepared, client);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= maxEntries) {
        this.#dropped++;
        return undefined;
      }
      entry = { prepared, client, inputs: new Set(), open: 0 };
      this.#entries.set(key, entry);
    }
    entry.open++;
    for (const input of reportableOf(prepared).inputsOf(variables))
      if (entry.inputs.size < maxInputsOfOperation) entry.inputs.add(input);
    this.#changed = true;
    return entry;
  }

  #leave(entry: Entry): void {
    entry.open--;
    if (entry.open === 0) this.#entries.delete(usageKey(entry.prepared, entry.client));
    this.#changed = true;
  }

  async #report(stopped?: AbortSignal): Promise<void> {
    const isRepeated = this.#entries.size > 0 && performance.now() - this.#sentAt >= repeatMs;
    if (!this.#changed && !isRepeated) return;
    this.#changed = false;
    this.#sentAt = performance.now();
    const report = ++this.#reports;
    const parts = batchesOf(this.#open());
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

  /** Returns what is open, as far as it fits into a report. */
  #open(): OpenSubscriptions[] {
    const all = [...this.#entries.values()].map(({ prepared, client, inputs, open }) => ({
      document: reportableOf(prepared).document,
      operationName: prepared.operation.name?.value ?? null,
      client: { name: client?.name ?? null, version: client?.version ?? null },
      inputs: [...inputs],
      open,
    }));
    const fitting = all.filter((each) => openSubscriptions.safeParse(each).success);
    const dropped = this.#dropped + all.length - fitting.length;
    this.#dropped = 0;
    if (dropped > 0)
      this.#log.warn({ dropped }, 'too many or too large open subscriptions; some are not reported');
    return fitting;
  }
}
