import {
  type Backlog,
  type Batches,
  type Claim,
  type ConsumerState,
  claimIdOf,
  type FencingTokenStore,
  type HasTerm,
  MergedBatches,
  openQueue,
  type Queue,
  QueueMisconfiguredError,
  type QueueOptions,
  QueuePartlyDownError,
  type QueueReplicaStatus,
  type RelayedEvent,
  type StreamUsage,
} from '@rookery/message-queue';
import { type Logger, UnavailableError } from '@rookery/runtime';
import type { Envelope, StoredEvent } from '@rookery/schema/events';
import { HintedHandoff } from './hinted-handoff.ts';

/** Maximum wait for the second queue after the first is prepared. */
const graceMs = 300;

/**
 * Time-out of the first queue while an earlier request to it is late: one request waits, and not each.
 */
const shortTimeoutMs = 50;

/** The first queue did not answer within its share of the time, and there is a second to ask. */
class ShareElapsedError extends Error {
  override readonly name = 'ShareElapsedError';
}

/** Entries that each of the two missed while it was down. */
interface HandoffPair {
  readonly first: HintedHandoff;
  readonly second: HintedHandoff;
}

type Outcome<T> = { readonly value: T } | { readonly error: unknown };

const outcomeOf = async <T>(work: Promise<T>): Promise<Outcome<T>> => {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
};

/**
 * Two queues as one. Each has both streams, the claims and the registers; they share nothing.
 *
 * ACTIVITY: an event goes to the second queue if the first does not acknowledge it; the recorder drains both.
 * An event in both has one id, and thus one position in the event store. RECORDED: only on the first. While
 * it is down the projectors read the event store (see catch-up-subscription.ts of the projector); when it is back it receives
 * the missing events, as after any outage.
 */
class RedundantQueue implements Queue {
  readonly #first: Queue;
  readonly #second: Queue;
  readonly #log: Logger;
  readonly #share: number;
  readonly #claimHandoffs: HandoffPair;
  readonly #markHandoffs: HandoffPair;
  /** Number of requests to the first queue that are late. */
  #late = 0;
  #fallbacks = 0;

  /** @param share maximum wait for the first queue if the second can be asked instead, in milliseconds */
  constructor(first: Queue, second: Queue, share: number, log: Logger) {
    this.#first = first;
    this.#second = second;
    this.#share = share;
    this.#log = log;
    const createHandoffs = (
      what: string,
      give: (id: string, from: Queue, to: Queue) => Promise<unknown>,
    ): HandoffPair => ({
      first: new HintedHandoff({ what, give: (id) => give(id, second, first), to: first, log }),
      second: new HintedHandoff({ what, give: (id) => give(id, first, second), to: second, log }),
    });
    this.#claimHandoffs = createHandoffs('claims', async (id, from, to) => {
      const event = await from.claimed(id);
      if (event) await to.claim(event);
    });
    this.#markHandoffs = createHandoffs('high-water marks', async (actor, from, to) =>
      to.raiseHighWaterMark(actor, await from.highWaterMark(actor)),
    );
  }

  /** Resolves once one of them is prepared and the other had its chance. */
  async prepare(): Promise<void> {
    const both = [this.#first.prepare(), this.#second.prepare()];
    // A misconfiguration must be reported and not worked around.
    const misconfigured = Promise.all(
      both.map((one) =>
        one.catch((error: unknown) => {
          if (error instanceof QueueMisconfiguredError) throw error;
        }),
      ),
    );
    await Promise.any(both).catch((error: AggregateError) => {
      throw error.errors.find((e) => e instanceof QueueMisconfiguredError) ?? error.errors[0];
    });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, graceMs);
    await Promise.race([misconfigured, late.promise]).finally(() => clearTimeout(timer));
    misconfigured.catch(() => {});
  }

  async publish(event: Envelope): Promise<void> {
    const first = this.#first.publish(event);
    try {
      await this.#inShare(first);
    } catch {
      this.#fellBack(event.id);
      // The first may only be slow, so either acknowledgement counts.
      await Promise.any([first, this.#second.publish(event)]).catch(() => {
        throw new UnavailableError();
      });
    }
  }

  /**
   * Waits for the first queue: only for its share while the second is up, otherwise as long as it takes.
   * @throws ShareElapsedError
   */
  async #inShare<T>(asked: Promise<T>): Promise<T> {
    if (!this.#second.replicas().every(({ up }) => up)) return asked;
    const late = Promise.withResolvers<never>();
    const giveUp = (): void => {
      this.#late += 1;
      const answered = (): void => {
        this.#late -= 1;
      };
      asked.then(answered, answered);
      late.reject(new ShareElapsedError('the first queue is late'));
    };
    const timer = setTimeout(giveUp, this.#late > 0 ? shortTimeoutMs : this.#share);
    return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
  }

  async publishAgain(event: Envelope): Promise<void> {
    await this.#first.publishAgain(event).catch(() => this.#second.publishAgain(event));
  }

  #fellBack(eventId: string): void {
    this.#fallbacks += 1;
    this.#log.warn({ eventId }, 'the first queue did not acknowledge an event; published to the second');
  }

  /**
   * Claims on the first queue, and then on the second with the claim of the first: all processes that reach
   * both agree, and a claim that was made on the second while the first was down has priority. A claim on one
   * queue alone is copied to the other once it is back. If each queue is reached by different processes only,
   * two may consider themselves first; the event has the same id, and thus one effect.
   */
  async claim(event: Envelope): Promise<Claim> {
    const one = await outcomeOf(this.#inShare(this.#first.claim(event)));
    const agreed = 'value' in one ? one.value.event : event;
    const two = await outcomeOf(this.#second.claim(agreed));
    if ('value' in two) {
      if (!('value' in one)) {
        this.#fellBack(event.id);
        this.#claimHandoffs.first.add(claimIdOf(event));
      }
      return { event: two.value.event, first: two.value.first && (!('value' in one) || one.value.first) };
    }
    if (!('value' in one)) throw new UnavailableError();
    this.#claimHandoffs.second.add(claimIdOf(event));
    return one.value;
  }

  async claimed(id: string): Promise<Envelope | undefined> {
    const [one, two] = await this.#both((queue) => queue.claimed(id), true);
    if ('value' in two && two.value) return two.value;
    if ('value' in one) return one.value;
    if ('value' in two) return two.value;
    throw new UnavailableError();
  }

  /**
   * Reads and raises both: a process that reaches only one of them still reads marks of processes that
   * reached only that one, or both.
   */
  async highWaterMark(actor: string): Promise<number> {
    const answers = await this.#both((queue) => queue.highWaterMark(actor), true);
    const marks = answers.flatMap((answer) => ('value' in answer ? [answer.value] : []));
    if (marks.length === 0) throw new UnavailableError();
    return Math.max(...marks);
  }

  async raiseHighWaterMark(actor: string, time: number): Promise<void> {
    const [one, two] = await this.#both((queue) => queue.raiseHighWaterMark(actor, time), true);
    if ('error' in one && 'error' in two) throw new UnavailableError();
    if ('error' in one) this.#markHandoffs.first.add(actor);
    if ('error' in two) this.#markHandoffs.second.add(actor);
  }

  async find(id: string): Promise<{ event: Envelope; position: number | null } | undefined> {
    const [one, two] = await this.#both((queue) => queue.find(id), true);
    const found = [one, two].flatMap((answer) => ('value' in answer && answer.value ? [answer.value] : []));
    const known = found.find(({ position }) => position !== null) ?? found[0];
    if (known) return known;
    if ('value' in one && 'value' in two) return undefined;
    if ('error' in one && 'error' in two) throw one.error;
    throw new QueuePartlyDownError('one of two queues does not answer');
  }

  /** @param waits true if a caller waits for the result */
  #both<T>(ask: (queue: Queue) => Promise<T>, waits = false): Promise<[Outcome<T>, Outcome<T>]> {
    const first = ask(this.#first);
    return Promise.all([outcomeOf(waits ? this.#inShare(first) : first), outcomeOf(ask(this.#second))]);
  }

  /**
   * Returns the results of the queues that answer.
   * @throws if neither does
   */
  async #each<T>(ask: (queue: Queue) => Promise<T>): Promise<T[]> {
    const [one, two] = await this.#both(ask);
    const values = [one, two].flatMap((answer) => ('value' in answer ? [answer.value] : []));
    if (values.length === 0 && 'error' in one) throw one.error;
    return values;
  }

  async activity(max: number): Promise<Batches<Envelope>> {
    return new MergedBatches([await this.#first.activity(max), await this.#second.activity(max)]);
  }

  async takeOver(): Promise<void> {
    await this.#each((queue) => queue.takeOver());
  }

  recorded(projection: string, max: number): Promise<Batches<StoredEvent>> {
    return this.#first.recorded(projection, max);
  }

  letGo(standby: string): Promise<void> {
    return this.#first.letGo(standby);
  }

  relay(events: readonly RelayedEvent[]): Promise<void> {
    return this.#first.relay(events);
  }

  lastPublished(): Promise<number> {
    return this.#first.lastPublished();
  }

  hasAllPublished(): Promise<boolean> {
    return this.#first.hasAllPublished();
  }

  renewRecorded(): Promise<void> {
    return this.#first.renewRecorded();
  }

  skipRecorded(to: StoredEvent): Promise<boolean> {
    return this.#first.skipRecorded(to);
  }

  skipBacklog(projection: string, atLeast: number): Promise<boolean> {
    return this.#first.skipBacklog(projection, atLeast);
  }

  async consumer(name: string): Promise<ConsumerState> {
    if (name !== 'recorder') return this.#first.consumer(name);
    const states = await this.#each((queue) => queue.consumer(name));
    const sum = (of: (state: ConsumerState) => number) =>
      states.reduce((total, state) => total + of(state), 0);
    return {
      ackFloor: Math.max(...states.map(({ ackFloor }) => ackFloor)),
      inFlight: sum(({ inFlight }) => inFlight),
      waiting: sum(({ waiting }) => waiting),
      attached: states.every(({ attached }) => attached),
      since: states.map(({ since }) => since).join(' '),
    };
  }

  async backlog(name: string): Promise<Backlog> {
    if (name !== 'recorder') return this.#first.backlog(name);
    const backlogs = await this.#each((queue) => queue.backlog(name));
    const oldestAt = backlogs.flatMap((backlog) => backlog.oldestAt ?? []).sort()[0];
    return {
      isWorking: backlogs.every(({ isWorking }) => isWorking),
      events: backlogs.reduce((sum, { events }) => sum + events, 0),
      ...(oldestAt === undefined ? {} : { oldestAt }),
    };
  }

  /** Kept on both: the highest term counts, and the next write updates the one that missed it. */
  fencingTokenStore<T extends HasTerm>(name: string): FencingTokenStore<T> {
    return {
      read: async () => {
        const values = await this.#each((queue) => queue.fencingTokenStore<T>(name).read());
        const known = values.filter((value) => value !== undefined);
        return known.reduce<T | undefined>((a, b) => (a && a.term >= b.term ? a : b), undefined);
      },
      raise: async (value) => {
        // In this order for all processes, so that of two that reach both, one is refused before it has
        // written anything.
        const one = await outcomeOf(this.#first.fencingTokenStore<T>(name).raise(value));
        if ('value' in one && !one.value) return false;
        const two = await outcomeOf(this.#second.fencingTokenStore<T>(name).raise(value));
        if ('value' in two) return two.value;
        if ('value' in one) return one.value;
        throw one.error;
      },
    };
  }

  replicas(): readonly QueueReplicaStatus[] {
    const second = this.#second.replicas().map((line) => ({ ...line, fallbacks: this.#fallbacks }));
    return [...this.#first.replicas(), ...second];
  }

  async streams(): Promise<readonly StreamUsage[]> {
    return (await this.#each((queue) => queue.streams())).flat();
  }

  async ping(): Promise<void> {
    await this.#each((queue) => queue.ping());
  }

  async close(): Promise<void> {
    const handoffs = [this.#claimHandoffs, this.#markHandoffs].flatMap(({ first, second }) => [
      first,
      second,
    ]);
    await Promise.all(handoffs.map((one) => one.close()));
    await Promise.all([this.#first.close(), this.#second.close()]);
  }
}

/**
 * With a second queue, longest wait for each of them: both, with what else a command does, stay below the 2 s in
 * which it must be answered. If the second is unavailable, the first has the time of both. Milliseconds.
 */
const shares = { first: 600, second: 800 } as const;
const ackTimeouts = { first: shares.first + shares.second, second: shares.second } as const;

/** Opens two queues as one. `redundantUrl` is the second, which takes what the first does not acknowledge. */
export const openRedundantQueue = ({
  redundantUrl,
  ...options
}: QueueOptions & { readonly redundantUrl: string }): Queue => {
  const one = (name: 'first' | 'second', url: string) =>
    openQueue({
      ...options,
      name,
      url,
      ackTimeoutMs: Math.min(options.ackTimeoutMs, ackTimeouts[name]),
      log: options.log.child({ queue: name }),
    });
  return new RedundantQueue(
    one('first', options.url),
    one('second', redundantUrl),
    shares.first,
    options.log,
  );
};
