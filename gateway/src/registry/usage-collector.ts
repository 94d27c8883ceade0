import { operationUsage, type UsageBatch } from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { UsageOptions } from './access.ts';
import { ClientOperations } from './client-operations.ts';
import { postToRegistry } from './post-to-registry.ts';
import { reportableOf } from './reportable.ts';
import { batchesOf } from './usage-batches.ts';

/** An operation that counts, with the coordinates that its variables name. */
export interface UsedOperation {
  readonly prepared: Prepared;
  readonly inputs: ReadonlySet<string>;
}

/** Most time that the last report of a gateway that stops may take. */
export const lastReportMs = 1_000;

const nothingCounted = () => new ClientOperations({ count: 0, errors: 0, durationMs: 0 });

/**
 * Counts operations by client, and reports the counts to the registry. A report that the registry does not take is
 * dropped: nothing waits for it, and memory is bounded.
 */
export class UsageCollector implements AsyncDisposable {
  readonly #options: UsageOptions;
  readonly #log: Logger;
  readonly #timer: NodeJS.Timeout;
  #counted = nothingCounted();

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
    const entry = this.#counted.enter(prepared, client, inputs);
    if (entry === undefined) return;
    entry.count++;
    entry.durationMs += durationMs;
    if (failed) entry.errors++;
  }

  /** Reports what is left. A registry that does not answer delays the end by a second. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#report(AbortSignal.timeout(lastReportMs));
  }

  async #report(stopped?: AbortSignal): Promise<void> {
    const { sampling } = this.#options;
    const counted = this.#counted;
    this.#counted = nothingCounted();
    const { fitting: operations, dropped } = counted.report(
      ({ count, errors, durationMs }) => ({
        count: Math.round(count / sampling),
        errors: Math.round(errors / sampling),
        durationMs: durationMs / sampling,
      }),
      (usage) => operationUsage.safeParse(usage).success,
    );
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
}
