/** Longest time for which a turn of the event loop hands out what waits, in milliseconds. */
const maxTurnMs = 5;
/** Readers that are served between two looks at the clock. So many get an event at once. */
const readersAtOnce = 16;
/** Broadcasts of one channel that may wait. One more, and the first is finished at once. */
const maxWaiting = 100;

/** Something to hand to many readers. */
interface Broadcast<Reader> {
  readonly readers: readonly Reader[];
  readonly deliver: (reader: Reader) => void;
  /** Readers that have it. */
  served: number;
}

/** Broadcasts that wait, in the order in which they came. */
export type Channel<Reader> = Broadcast<Reader>[];

export interface BroadcastsOptions {
  /** Time in milliseconds. */
  readonly now: () => number;
  /** Calls a function in a later turn of the event loop. */
  readonly later: (run: () => void) => void;
}

const defaults: BroadcastsOptions = { now: () => performance.now(), later: setImmediate };

/**
 * Hands events to their readers, a few milliseconds in each turn of the event loop, so that an event for thousands does not hold
 * up all that the gateway does otherwise. Each reader gets what comes through one channel in its order. An event for a few
 * is handed out at once. Channels that have something waiting take turns.
 */
export class Broadcasts<Reader> {
  readonly #options: BroadcastsOptions;
  /** Channels in which something waits, in the order of their turns. */
  readonly #waiting: Channel<Reader>[] = [];
  /** True while a later turn is going to go on, or this one does. */
  #isRunning = false;

  constructor(options = defaults) {
    this.#options = options;
  }

  /** Hands something to these readers, after all that was sent through the channel before. */
  send(channel: Channel<Reader>, readers: readonly Reader[], deliver: (reader: Reader) => void): void {
    if (channel.length === 0 && readers.length <= readersAtOnce) {
      for (const reader of readers) deliver(reader);
      return;
    }
    channel.push({ readers, deliver, served: 0 });
    if (channel.length === 1) this.#waiting.push(channel);
    // Then the event loop waits, and so does the subgraph: its socket is not read.
    while (channel.length > maxWaiting) serveSome(channel);
    if (!this.#isRunning) this.#run();
  }

  #run(): void {
    const { now, later } = this.#options;
    this.#isRunning = true;
    const end = now() + maxTurnMs;
    while (this.#waiting.length > 0 && now() < end) {
      const channel = this.#waiting.shift() as Channel<Reader>;
      serveSome(channel);
      if (channel.length > 0) this.#waiting.push(channel);
    }
    this.#isRunning = this.#waiting.length > 0;
    if (this.#isRunning) later(() => this.#run());
  }
}

/** Serves the next readers of the first broadcast. */
const serveSome = <Reader>(channel: Channel<Reader>): void => {
  const [first] = channel;
  if (first === undefined) return;
  const { readers, deliver } = first;
  const end = Math.min(first.served + readersAtOnce, readers.length);
  for (const reader of readers.slice(first.served, end)) deliver(reader);
  first.served = end;
  if (end === readers.length) channel.shift();
};
