import { QueueFullError } from './errors.ts';

/**
 * Amount that may enter a stream between two reads of its size, as a fraction of its limit, and its minimum
 * in bytes. With it, `streamLimit` leaves enough reserve for 16 processes that use the remaining quota at the
 * same moment.
 */
const share = 256;
const minSliceBytes = 262_144;
/**
 * Number of slices between the limit and that of the server: for each process its unacknowledged messages,
 * and those sent since the last read.
 */
const slices = 32;
/** Maximum age of a size on which a refusal is based; older sizes are refreshed. */
const usageTtlMs = 250;
/**
 * Bytes that a server stores in addition to the data of a message: lengths, checksum, subject and headers,
 * rounded up.
 */
const overhead = 256;

/** Returns the number of bytes that a message with this many bytes of data takes in its stream. */
export const storedBytes = (data: number): number => data + overhead;

const sliceOf = (limit: number): number => Math.max(minSliceBytes, Math.floor(limit / share));

/**
 * Returns the limit of the server for a stream with a quota of `limit` bytes. It is never reached, because
 * near it NATS 2.9 drops the oldest message for a new one that it acknowledges, in spite of the `discard`
 * setting: it compares sizes without its own overhead, and then frees space.
 */
export const streamLimit = (limit: number): number => limit + slices * sliceOf(limit);

export interface StreamQuotaOptions {
  /** Name of the stream, for errors. */
  readonly stream: string;
  /** Bytes. */
  readonly limit: number;
  /** Returns the current size of the stream in bytes. */
  readonly look: () => Promise<number>;
}

/** A message that waits for admission. */
interface Waiting {
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (arrived: () => void) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * Refuses messages that would exceed the quota of a stream, before the server must. It reads the size of the
 * stream and counts the messages admitted since; after each slice it reads the size again. So each publishing
 * process exceeds the size that it has read by at most a slice, however long ago that was and however many
 * other processes there are.
 */
export class StreamQuota {
  readonly #options: StreamQuotaOptions;
  readonly #slice: number;
  readonly #waiting: Waiting[] = [];
  #held = 0;
  #lookedAt: number | undefined;
  /** Bytes admitted since the last read, or pending when it started. */
  #since = 0;
  #onTheWay = 0;
  #looking: Promise<void> | undefined;
  #pumping = false;
  #arrived = Promise.withResolvers<void>();

  constructor(options: StreamQuotaOptions) {
    this.#options = options;
    this.#slice = sliceOf(options.limit);
  }

  /** Number of bytes that several messages may have together to be admitted at once, see `storedBytes`. */
  get maxTogether(): number {
    return this.#slice / 2;
  }

  /**
   * Admits a message, in order of the calls, possibly after pending ones have arrived.
   * @param data bytes
   * @param signal ends the wait
   * @returns a function to call once the message has arrived or failed
   * @throws QueueFullError, or the error of reading the size of the stream
   */
  enter(data: number, signal?: AbortSignal): Promise<() => void> {
    return this.enterTogether(storedBytes(data), signal);
  }

  /** Like `enter`, for several messages. @param bytes sum of their `storedBytes`, at most `maxTogether` */
  enterTogether(bytes: number, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes, signal, resolve, reject });
      if (!this.#pumping) void this.#pump();
    });
  }

  async #pump(): Promise<void> {
    this.#pumping = true;
    for (let one = this.#waiting[0]; one !== undefined; one = this.#waiting[0]) {
      const { bytes, signal, resolve, reject } = one;
      if (signal?.aborted) reject(signal.reason);
      else if (this.#onTheWay > 0 && this.#onTheWay + bytes > this.#slice) {
        await this.#arrived.promise;
        continue;
      } else if (this.#since > 0 && this.#since + bytes > this.#slice) {
        await this.#lookFor(this.#waiting);
        continue;
      } else if (this.#lookedAt !== undefined && this.#held + this.#since + bytes <= this.#options.limit)
        resolve(this.#letIn(bytes));
      else if (this.#isFresh)
        reject(new QueueFullError(`${this.#options.stream} is full: it holds ${this.#held} bytes`));
      else {
        await this.#lookFor(this.#waiting);
        continue;
      }
      this.#waiting.shift();
    }
    this.#pumping = false;
  }

  #letIn(bytes: number): () => void {
    // Not awaited: if the quota is far from used up, an old size is sufficient.
    if (!this.#isFresh) void this.#lookFor([]);
    this.#since += bytes;
    this.#onTheWay += bytes;
    return () => {
      this.#onTheWay -= bytes;
      this.#arrived.resolve();
      this.#arrived = Promise.withResolvers<void>();
    };
  }

  get #isFresh(): boolean {
    return this.#lookedAt !== undefined && performance.now() - this.#lookedAt < usageTtlMs;
  }

  /** If the read fails, so do all waiting messages. */
  async #lookFor(waiting: Waiting[]): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    try {
      await this.#looking;
    } catch (error) {
      for (const { reject } of waiting.splice(0)) reject(error);
    }
  }

  async #look(): Promise<void> {
    const before = this.#since - this.#onTheWay;
    this.#held = await this.#options.look();
    this.#lookedAt = performance.now();
    // Messages that arrived before the request are part of the result.
    this.#since -= before;
  }
}
