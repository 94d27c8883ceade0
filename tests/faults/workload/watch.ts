/** Collects violations and observations during a run. */
export interface Watch {
  /** Something that breaks a promise. */
  broken(invariant: string, what: string): void;
  /** One more check of this kind has been made. */
  checked(invariant: string): void;
  /** A line for the trace. */
  trace(kind: string, what: Readonly<Record<string, unknown>>): void;
}

/** Codes by which the gateway says clearly that it can't answer now. */
export const clearRefusals: ReadonlySet<string> = new Set([
  'SERVICE_UNAVAILABLE',
  'RATE_LIMITED',
  'NO_ANSWER',
]);
