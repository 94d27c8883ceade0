import type { Envelope } from './envelope.ts';

/** An event as it was recorded, with its position in the history. */
export interface StoredEvent {
  /** Contiguous, from 1. */
  readonly position: number;
  /** ISO 8601 instant at which it was appended. */
  readonly recordedAt: string;
  readonly event: Envelope;
}
