import {
  maxInputsOfOperation,
  type OperationUsage,
  operationUsage,
  type UsageBatch,
} from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { UsageOptions } from './access.ts';
import { postToRegistry } from './post-to-registry.ts';
import { reportableOf } from './reportable.ts';
import { batchesOf } from './usage-batches.ts';

/** An operation that counts, with the coordinates that its variables name. */
export interface UsedOperation {
  readonly prepared: Prepared;
  readonly inputs: ReadonlySet<string>;
}

interface Entry {
  readonly prepared: Prepared;
  readonly client: ClientName | undefined;
  readonly inputs: Set<string>;
  count: number;
  errors: number;
  durationMs: number;
}

/** Combinations of operation and client between two reports; others are dropped. */
const maxEntries = 5_000;
/** Most time that the last report of a gateway that stops may take. */
export const lastReportMs = 1_000;

/** Equal for the same operation of the same client. */
export const usageKey = ({ key }: Prepared, client: ClientName | undefined): string =>
  `${key}\n${client?.name ?? ''}\n${client?.version ?? ''}`;

/**
 * Counts operations by client, and reports the counts to the registry. A report that the registry does not take is
 * dropped: nothing waits for it, and memory is bounded.
 */
export class UsageCollector implements AsyncDisposable {
  readonly #options: UsageOptions;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #entries = new Map<string, Entry>();
  #dropped = 0;

  constructor(options: UsageOptions, log: Logger) {
    this.#options = options;
    this.#log = log.child({ subsystem: 'usage' });
    this.#timer = setInterval(() => void this.#report(), options.intervalMs).unref();
  }

  /** Returns what counts of an operation; undefined if it is outside of the sample. */
  observe(
    prepared: Prepared,
    variables: Readonly<Record<string, unknown>> | undefined,
  ): UsedOperation | undefined {
    const { sampling } = this.#options;
    if (sampling < 1 && Math.random() >= sampling) return undefined;
    return { prepared, inputs: reportableOf(prepared).inputsOf(variables) };
  }

  /** Counts one operation that has ended. */
  count(
    { prepared, inputs }: UsedOperation,
    client: ClientName | undefined,
    durationMs: number,
    failed: boolean,
  ): void {
    const key = usageKey(prepared, client);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= maxEntries) {
        this.#dropped++;
        return;
      }
      entry = { prepared, client, inputs: new Set(), count: 0, errors: 0, durationMs: 0 };
      this.#entries.set(key, entry);
    }
    entry.count++;
    entry.durationMs += durationMs;
    if (failed) entry.errors++;
    for (const input of inputs) if (entry.inputs.size < maxInputsOfOperation) entry.inputs.add(input);
  }

  /** Reports what is left. A registry that does not answer delays the end by a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#report(AbortSignal.timeout(lastReportMs));
  }

  async #report(stopped?: AbortSignal): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries = new Map();
    // The registry refuses a batch as a whole: nobody may lose the counts of others by a name that is too long.
    const operations = entries
      .map((entry) => this.#usageOf(entry))
      .filter((usage) => operationUsage.safeParse(usage).success);
    const dropped = this.#dropped + entries.length - operations.length;
    this.#dropped = 0;
    if (dropped > 0)
      this.#log.warn({ dropped }, 'too many or too large operations to report; some are dropped');
    let sent = 0;
    for (const batch of batchesOf(operations)) {
      try {
        await postToRegistry(this.#options, 'usage', { operations: batch } satisfies UsageBatch, stopped);
      } catch (error) {
        const lost = operations.length - sent;
        this.#log.warn({ error, operations: lost }, 'failed to report usage; it is dropped');
        return;
      }
      sent += batch.length;
    }
  }

  #usageOf({ prepared, client, inputs, count, errors, durationMs }: Entry): OperationUsage {
    const { sampling } = this.#options;
    return {
      document: reportableOf(prepared).document,
      operationName: prepared.operation.name?.value ?? null,
      client: { name: client?.name ?? null, version: client?.version ?? null },
      count: Math.round(count / sampling),
      errors: Math.round(errors / sampling),
      durationMs: durationMs / sampling,
      inputs: [...inputs],
    };
  }
}
