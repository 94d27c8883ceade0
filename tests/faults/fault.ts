import type { Arena, ArenaOptions } from './arena.ts';
import type { Random } from './random.ts';
import type { Workload } from './workload/workload.ts';

/** Data that faults have injected, which the checks must not attribute to the product. */
export interface Injected {
  /** Ids of events. */
  readonly events: Set<string>;
  /** `<by> <id>`, or how that begins. */
  readonly deadLetters: Set<string>;
}

/** True or undefined if all is as expected; otherwise a text with the difference. */
type Look = boolean | string | undefined;

export interface FaultContext {
  readonly arena: Arena;
  readonly workload: Workload;
  readonly random: Random;
  readonly injected: Injected;
  /** 1 in a full run, less in a short one. */
  readonly pace: number;
  /** Waits for a number of seconds in a full run, and less in a short one. */
  hold(seconds: number): Promise<void>;
  /** Records evidence that the fault took effect. A fault without evidence fails the run (I9). */
  fired(evidence: string): void;
  /** Checks a condition that must be true now. */
  expect(what: string, holds: boolean, detail?: unknown): void;
  /**
   * Waits until `look` reports success; a promise is broken if it does not within the limit (ms). `look`
   * returns true or the remaining obstacle. Returns the elapsed time in ms.
   */
  until(what: string, within: number, look: () => Promise<Look> | Look): Promise<number>;
  /** A figure of the report, in ms unless the name says otherwise. */
  figure(name: string, value: number): void;
  say(line: string): void;
}

/** A row of the fault matrix, or a part of one. */
export interface Fault {
  readonly name: string;
  /** The row of the matrix (docs/explanation/reliability.md). */
  readonly row: string;
  /** Expected behavior beyond the promises that always apply. */
  readonly expected: string;
  /** Returns why the fault is skipped on this machine; undefined if it can run. */
  readonly missing?: () => Promise<string | undefined>;
  /** Creates the system that the fault needs; faults with the same function share it. */
  readonly arena?: (resources: AsyncDisposableStack) => Promise<ArenaOptions>;
  /** True if the system does not continue afterwards: the fault makes the checks at rest itself. */
  readonly ends?: true;
  /** Causes the fault, keeps it for a while, observes the system, and ends it. */
  run(context: FaultContext): Promise<void>;
}
