import {
  maxInputsOfOperation,
  type OpenSubscriptions,
  type OperationUsage,
} from '@rookery/registry-protocol';
import type { ClientName } from '../http/client-name.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import { reportableOf } from './reportable.ts';

interface Entry {
  readonly prepared: Prepared;
  readonly client: ClientName | undefined;
  /** Coordinates that the variables named. */
  readonly inputs: Set<string>;
}

/** The part that is the same in every report of an operation of a client. */
type Named = Omit<OperationUsage & OpenSubscriptions, 'count' | 'errors' | 'durationMs' | 'open'>;

/** Combinations of operation and client at once: clients choose both. */
const maxEntries = 5_000;

/** Equal for the same operation of the same client. */
const keyOf = ({ key }: Prepared, client: ClientName | undefined): string =>
  `${key}\n${client?.name ?? ''}\n${client?.version ?? ''}`;

/** Operations by client, with the same counts of each, for a report. Those above a bound are dropped. */
export class ClientOperations<Counts extends object> {
  readonly #none: Counts;
  readonly #entries = new Map<string, Entry & Counts>();
  #dropped = 0;

  /** @param none counts of an operation that is new */
  constructor(none: Counts) {
    this.#none = none;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Returns an operation of a client, whose counts may be changed; undefined if it is dropped. */
  enter(
    prepared: Prepared,
    client: ClientName | undefined,
    inputs: ReadonlySet<string>,
  ): (Entry & Counts) | undefined {
    const key = keyOf(prepared, client);
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      if (this.#entries.size >= maxEntries) {
        this.#dropped++;
        return undefined;
      }
      entry = { prepared, client, inputs: new Set(), ...this.#none };
      this.#entries.set(key, entry);
    }
    for (const input of inputs) if (entry.inputs.size < maxInputsOfOperation) entry.inputs.add(input);
    return entry;
  }

  delete({ prepared, client }: Entry): void {
    this.#entries.delete(keyOf(prepared, client));
  }

  clear(): void {
    this.#entries.clear();
  }

  /**
   * Returns what may be reported, and how many were dropped since the last report.
   * @param isTaken whether the registry takes one. It refuses a batch as a whole: nobody may lose the counts of others
   * by a name that is too long.
   */
  report<Reported>(
    countsOf: (counts: Counts) => Reported,
    isTaken: (reported: Named & Reported) => boolean,
  ): { readonly fitting: (Named & Reported)[]; readonly dropped: number } {
    const all = [...this.#entries.values()].map((entry) => ({ ...namedOf(entry), ...countsOf(entry) }));
    const fitting = all.filter(isTaken);
    const dropped = this.#dropped + all.length - fitting.length;
    this.#dropped = 0;
    return { fitting, dropped };
  }
}

const namedOf = ({ prepared, client, inputs }: Entry): Named => ({
  document: reportableOf(prepared).document,
  operationName: prepared.operation.name?.value ?? null,
  client: { name: client?.name ?? null, version: client?.version ?? null },
  inputs: [...inputs],
});
