import {
  maxInputsOfOperation,
  type OperationUsage,
  operationUsage,
  type UsageBatch,
} from '@rookery/registry-protocol';
import type { Logger } from '@rookery/runtime';
import { type DocumentNode, Kind, print, visit } from 'graphql';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import { type InputVariables, inputCoordinates, inputVariablesOf } from './input-coordinates.ts';
import type { EnvironmentAccess } from './options.ts';
import { postToRegistry } from './post-to-registry.ts';
import { batchesOf } from './usage-batches.ts';

/** An operation that counts, with the coordinates that its variables name. */
export interface UsedOperation {
  readonly prepared: Prepared;
  readonly inputs: ReadonlySet<string>;
}

export interface UsageOptions extends EnvironmentAccess {
  /** Share of the operations that count, from 0 to 1. */
  readonly sampling: number;
  readonly intervalMs: number;
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

/** Returns the text of a document without what its literals say. It is still valid. */
const withoutLiterals = (document: DocumentNode): string =>
  print(
    visit(document, {
      StringValue: () => ({ kind: Kind.STRING, value: '' }),
      IntValue: () => ({ kind: Kind.INT, value: '0' }),
      FloatValue: () => ({ kind: Kind.FLOAT, value: '0' }),
    }),
  );

/** Parts of a report that depend on the prepared operation alone, so that each is made once. */
class Reportable {
  readonly inputs: InputVariables;
  readonly #prepared: Prepared;
  #document: string | undefined;

  constructor(prepared: Prepared) {
    this.inputs = inputVariablesOf(prepared.graph.schema, prepared.operation);
    this.#prepared = prepared;
  }

  /** Its document without literals. Nothing is printed before the first report. */
  get document(): string {
    this.#document ??= withoutLiterals(this.#prepared.document);
    return this.#document;
  }
}

/**
 * Counts operations by client, and reports the counts to the registry. A report that the registry does not take is
 * dropped: nothing waits for it, and memory is bounded.
 */
export class UsageCollector implements Disposable {
  readonly #options: UsageOptions;
  readonly #log: Logger;
  readonly #reportable = new WeakMap<Prepared, Reportable>();
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
    const { inputs } = this.#reportableOf(prepared);
    return { prepared, inputs: inputs.length === 0 ? noInputs : inputCoordinates(inputs, variables) };
  }

  #reportableOf(prepared: Prepared): Reportable {
    let reportable = this.#reportable.get(prepared);
    if (reportable === undefined) {
      reportable = new Reportable(prepared);
      this.#reportable.set(prepared, reportable);
    }
    return reportable;
  }

  /** Counts one operation that has ended. */
  count(
    { prepared, inputs }: UsedOperation,
    client: ClientName | undefined,
    durationMs: number,
    failed: boolean,
  ): void {
    const key = `${prepared.key}\n${client?.name ?? ''}\n${client?.version ?? ''}`;
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

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #report(): Promise<void> {
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
        await postToRegistry(this.#options, 'usage', { operations: batch } satisfies UsageBatch);
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
      document: this.#reportableOf(prepared).document,
      operationName: prepared.operation.name?.value ?? null,
      client: { name: client?.name ?? null, version: client?.version ?? null },
      count: Math.round(count / sampling),
      errors: Math.round(errors / sampling),
      durationMs: durationMs / sampling,
      inputs: [...inputs],
    };
  }
}

const noInputs: ReadonlySet<string> = new Set();
