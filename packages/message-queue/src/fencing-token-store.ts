import type { JetStreamClient } from '@nats-io/jetstream';
import type { KV } from '@nats-io/kv';
import { isWrongLastSequence } from './errors.ts';
import { openBucket } from './topology.ts';

/** A value with a number that only grows. */
export interface HasTerm {
  readonly term: number;
}

/**
 * A small durable value on which processes agree even if they see different stores: it can only be replaced
 * by a value with a higher term, and of two processes that try the same term one is refused.
 */
export interface FencingTokenStore<T extends HasTerm> {
  /**
   * Returns the value; undefined if it was never written.
   * @throws if the queue does not answer
   */
  read(): Promise<T | undefined>;
  /** @returns false if the store has this term or a higher one already */
  raise(value: T): Promise<boolean>;
}

/** Opens the bucket of all values. */
export const openFencingTokenBucket = (js: JetStreamClient, replicas: number): Promise<KV> =>
  openBucket(js, 'registers', { replicas, max_bytes: 1_048_576 });

const readToken = async <T extends HasTerm>(
  bucket: KV,
  name: string,
): Promise<{ value: T | undefined; revision: number }> => {
  const entry = await bucket.get(name);
  if (entry?.operation !== 'PUT') return { value: undefined, revision: entry?.revision ?? 0 };
  return { value: entry.json<T>(), revision: entry.revision };
};

const raiseToken = async <T extends HasTerm>(
  bucket: KV,
  name: string,
  value: T,
  timeoutMs: number,
): Promise<boolean> => {
  const now = await readToken<T>(bucket, name);
  if (now.value !== undefined && now.value.term >= value.term) return false;
  try {
    await bucket.put(name, JSON.stringify(value), { previousSeq: now.revision, timeout: timeoutMs });
    return true;
  } catch (error) {
    if (isWrongLastSequence(error)) return false;
    throw error;
  }
};

export interface FencingTokenStoreOptions {
  /** Opens the bucket for one request, which it bounds in number and time. */
  readonly open: <R>(action: (bucket: KV) => Promise<R>) => Promise<R>;
  /** Maximum wait for the acknowledgement of a write. */
  readonly timeoutMs: number;
}

/** Opens the store of the value with this name. */
export const openFencingTokenStore = <T extends HasTerm>(
  name: string,
  { open, timeoutMs }: FencingTokenStoreOptions,
): FencingTokenStore<T> => ({
  read: () => open(async (bucket) => (await readToken<T>(bucket, name)).value),
  raise: (value) => open((bucket) => raiseToken(bucket, name, value, timeoutMs)),
});
