import type { Asker } from './overrides.ts';

/** The data of a request on which the executor depends, and its report about the answer. */
export interface ExecutionContext extends Asker {
  readonly requestId: string;
  /** True if the answer may be older than a write of the same operation. */
  readonly answer: { stale: boolean };
}
