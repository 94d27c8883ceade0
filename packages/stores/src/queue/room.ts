import { QueueFull } from './errors.ts';

/**
 * What may go into a stream between two looks at its size, as a share of its limit, and at least (bytes). With it,
 * `streamLimit` leaves room for 16 processes that fill the last of the room at the same moment.
 */
const share = 256;
const leastSlice = 262_144;
/** So many slices fit between the limit and the server's own: for each process what it sends, and what is on its way. */
const slices = 32;
/** A refusal is never older than this, and a look that is older is renewed. Milliseconds. */
const fresh = 250;
/** What a server stores beside a message's data: lengths, checksum, subject and headers. Bytes, rounded up. */
const overhead = 256;

const sliceOf = (limit: number): number => Math.max(leastSlice, Math.floor(limit / share));

/**
 * The server's own limit for a stream that is to hold `limit` bytes: never reached, because close to it NATS 2.9 drops
 * the oldest message for a new one that it acknowledges (it compares without what it stores beside the data, and then
 * makes room), whatever the stream's `discard` says.
 */
export const streamLimit = (limit: number): number => limit + slices * sliceOf(limit);

export interface RoomOptions {
  /** Name of the stream, for errors. */
  readonly stream: string;
  /** Bytes. */
  readonly limit: number;
  /** Bytes that the stream holds now. */
  readonly look: () => Promise<number>;
}

/** Waits to be let in. */
interface Waiting {
  readonly bytes: number;
  readonly signal: AbortSignal | undefined;
  readonly resolve: (arrived: () => void) => void;
  readonly reject: (why: unknown) => void;
}

/**
 * Refuses what would fill a stream beyond its limit, before the server has to. It looks at the stream's size and counts
 * what it has let in since; after a slice of that it looks again. So each process that publishes goes beyond what it
 * has seen by a slice at the most, however long ago it looked and however many others there are.
 */
export class Room {
  readonly #options: RoomOptions;
  readonly #slice: number;
  readonly #waiting: Waiting[] = [];
  #held = 0;
  #lookedAt: number | undefined;
  /** Bytes let in since the last look, or on their way when that was asked for. */
  #since = 0;
  #onTheWay = 0;
  #looking: Promise<void> | undefined;
  #pumping = false;
  #arrived = Promise.withResolvers<void>();

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#slice = sliceOf(options.limit);
  }

  /**
   * Lets a message in, in order of the calls, perhaps after what is on its way has arrived.
   * @param data bytes
   * @param signal ends the wait
   * @returns to be called once it has arrived, or failed
   * @throws QueueFull, or why the stream's size can't be had
   */
  enter(data: number, signal?: AbortSignal): Promise<() => void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bytes: data + overhead, signal, resolve, reject });
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
        reject(new QueueFull(`${this.#options.stream} is full: it holds ${this.#held} bytes`));
      else {
        await this.#lookFor(this.#waiting);
        continue;
      }
      this.#waiting.shift();
    }
    this.#pumping = false;
  }

  #letIn(bytes: number): () => void {
    // Not waited for: with room enough, an old look is as good.
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
    return this.#lookedAt !== undefined && performance.now() - this.#lookedAt < fresh;
  }

  /** Where the look fails, so do all who wait for it. */
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
    // What had arrived before the question is in the answer.
    this.#since -= before;
  }
}
