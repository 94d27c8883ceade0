import type { Arena, ArenaOptions } from './arena.ts';
import type { Random } from './random.ts';
import type { Workload } from './workload/workload.ts';

/** What faults have put there on purpose, so that the checks do not take it for the product's doing. */
export interface Injected {
  /** Ids of events. */
  readonly events: Set<string>;
  /** `<by> <id>`, or how that begins. */
  readonly parked: Set<string>;
}

/** True or undefined: it is as it should be. A text: why it is not. */
export type Look = boolean | string | undefined;

export interface FaultContext {
  readonly arena: Arena;
  readonly workload: Workload;
  readonly random: Random;
  readonly injected: Injected;
  /** 1 in a full run, less in a short one. */
  readonly pace: number;
  /** Seconds in a full run; less where the run is a short one. */
  hold(seconds: number): Promise<void>;
  /** The fault took effect, and by what that can be told. A fault that never says so fails the run (I9). */
  fired(evidence: string): void;
  /** Something that must hold just now. */
  expect(what: string, holds: boolean, detail?: unknown): void;
  /**
   * Waits for it; where it does not come in time (ms), a promise is broken. `look` answers whether it is there, or
   * what is still in the way. Answers how long it took, in ms.
   */
  until(what: string, within: number, look: () => Promise<Look> | Look): Promise<number>;
  /** A figure of the report, in ms unless the name says otherwise. */
  figure(name: string, value: number): void;
  say(line: string): void;
}

/** A row of the fault matrix, or a part of one. */
export interface Fault {
  readonly name: string;
  /** The row of the matrix (../docs/reliability.md). */
  readonly row: string;
  /** What is expected beyond the promises that hold always. */
  readonly expected: string;
  /** What it needs that not every machine has: why it is skipped, or undefined. */
  readonly missing?: () => Promise<string | undefined>;
  /** A system that is set up for it, and for others with this same function. */
  readonly arena?: (resources: AsyncDisposableStack) => Promise<ArenaOptions>;
  /** Nothing goes on afterwards, as it should: the checks at rest are the fault's own business. */
  readonly ends?: true;
  /** Brings it about, lets it last, looks at what happens meanwhile, and ends it. */
  run(context: FaultContext): Promise<void>;
}
