import type { Envelope } from '@rookery/schema/events';
import { type Logger, unavailable } from '@rookery/service';
import type { StoredEvent } from '../event-store/types.ts';
import { claimIdOf } from './claim-id.ts';
import { QueueMisconfigured, QueuePartlyAway } from './errors.ts';
import { HintedHandoff } from './hinted-handoff.ts';
import { MergedBatches } from './merged.ts';
import type { Numbered, Register } from './register.ts';
import type { Backlog, Batches, Claim, ConsumerState, Queue, QueueLine } from './types.ts';

/** After one of the two is prepared, the other is waited for no longer than this. Milliseconds. */
const grace = 300;

/** The first's share while an answer of it is late already: one request waits, and not each. Milliseconds. */
const shortShare = 50;

/** What the first did not answer in its share of the time, while there is a second to ask. */
class Late extends Error {
  override readonly name = 'Late';
}

/** Entries that each of the two missed while it was down. */
interface Owed {
  readonly first: HintedHandoff;
  readonly second: HintedHandoff;
}

type Settled<T> = { readonly value: T } | { readonly error: unknown };

const settle = async <T>(work: Promise<T>): Promise<Settled<T>> => {
  try {
    return { value: await work };
  } catch (error) {
    return { error };
  }
};

/**
 * Two queues as one. Each has both streams, the claims and the registers, and shares nothing with the other.
 *
 * ACTIVITY: an event goes to the second where the first does not acknowledge it; the recorder drains both. What is in
 * both has one id, and so one place in the event store.
 * RECORDED: on the first alone. While that is away the projectors read the event store itself (see the projector's
 * tail.ts); when it is back, it is given what is missing, as after any outage.
 */
export class RedundantQueue implements Queue {
  readonly #first: Queue;
  readonly #second: Queue;
  readonly #log: Logger;
  readonly #share: number;
  readonly #owedClaims: Owed;
  readonly #owedMarks: Owed;
  /** What the first was asked and has not answered yet, beyond its share. */
  #late = 0;
  #fallbacks = 0;

  /** @param share so long the first is waited for where the second can be asked instead, in milliseconds */
  constructor(first: Queue, second: Queue, share: number, log: Logger) {
    this.#first = first;
    this.#second = second;
    this.#share = share;
    this.#log = log;
    const owed = (what: string, give: (id: string, from: Queue, to: Queue) => Promise<unknown>): Owed => ({
      first: new HintedHandoff({ what, give: (id) => give(id, second, first), to: first, log }),
      second: new HintedHandoff({ what, give: (id) => give(id, first, second), to: second, log }),
    });
    this.#owedClaims = owed('claims', async (id, from, to) => {
      const event = await from.claimed(id);
      if (event) await to.claim(event);
    });
    this.#owedMarks = owed('high-water marks', async (actor, from, to) =>
      to.raiseHighWaterMark(actor, await from.highWaterMark(actor)),
    );
  }

  /** Resolves once one of them is prepared and the other had its chance. */
  async prepare(): Promise<void> {
    const both = [this.#first.prepare(), this.#second.prepare()];
    // What is set up wrongly must be said, not worked round.
    const misconfigured = Promise.all(
      both.map((one) =>
        one.catch((error: unknown) => {
          if (error instanceof QueueMisconfigured) throw error;
        }),
      ),
    );
    await Promise.any(both).catch((error: AggregateError) => {
      throw error.errors.find((e) => e instanceof QueueMisconfigured) ?? error.errors[0];
    });
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, grace);
    await Promise.race([misconfigured, late.promise]).finally(() => clearTimeout(timer));
    misconfigured.catch(() => {});
  }

  async publish(event: Envelope): Promise<void> {
    const first = this.#first.publish(event);
    try {
      await this.#inShare(first);
    } catch {
      this.#fellBack(event.id);
      // Whichever has it: the first may still be only slow.
      await Promise.any([first, this.#second.publish(event)]).catch(() => {
        throw unavailable();
      });
    }
  }

  /** Of the first: no longer than its share while the second is there, else as long as it takes. @throws Late */
  async #inShare<T>(asked: Promise<T>): Promise<T> {
    if (!this.#second.lines().every(({ up }) => up)) return asked;
    const late = Promise.withResolvers<never>();
    const giveUp = (): void => {
      this.#late += 1;
      const answered = (): void => {
        this.#late -= 1;
      };
      asked.then(answered, answered);
      late.reject(new Late('the first queue is late'));
    };
    const timer = setTimeout(giveUp, this.#late > 0 ? shortShare : this.#share);
    return Promise.race([asked, late.promise]).finally(() => clearTimeout(timer));
  }

  async publishAgain(event: Envelope): Promise<void> {
    await this.#first.publishAgain(event).catch(() => this.#second.publishAgain(event));
  }

  #fellBack(eventId: string): void {
    this.#fallbacks += 1;
    this.#log.warn({ eventId }, 'the first queue did not acknowledge: gone to the second');
  }

  /**
   * On the first, then on the second with what the first holds: all who reach both agree, and what was claimed on
   * the second while the first was away goes before. What one alone could be asked for, the other is told once it is
   * back. Where each is reached by others alone, two may think that they were first; the event has one id all the
   * same, and so one effect.
   */
  async claim(event: Envelope): Promise<Claim> {
    const one = await settle(this.#inShare(this.#first.claim(event)));
    const agreed = 'value' in one ? one.value.event : event;
    const two = await settle(this.#second.claim(agreed));
    if ('value' in two) {
      if (!('value' in one)) {
        this.#fellBack(event.id);
        this.#owedClaims.first.add(claimIdOf(event));
      }
      return { event: two.value.event, first: two.value.first && (!('value' in one) || one.value.first) };
    }
    if (!('value' in one)) throw unavailable();
    this.#owedClaims.second.add(claimIdOf(event));
    return one.value;
  }

  async claimed(id: string): Promise<Envelope | undefined> {
    const [one, two] = await this.#both((queue) => queue.claimed(id), true);
    if ('value' in two && two.value) return two.value;
    if ('value' in one) return one.value;
    if ('value' in two) return two.value;
    throw unavailable();
  }

  /**
   * Reads both, and raises both: a process that reaches only one of them still reads what a process that reached only
   * that one, or both, has raised.
   */
  async highWaterMark(actor: string): Promise<number> {
    const answers = await this.#both((queue) => queue.highWaterMark(actor), true);
    const marks = answers.flatMap((answer) => ('value' in answer ? [answer.value] : []));
    if (marks.length === 0) throw unavailable();
    return Math.max(...marks);
  }

  async raiseHighWaterMark(actor: string, time: number): Promise<void> {
    const [one, two] = await this.#both((queue) => queue.raiseHighWaterMark(actor, time), true);
    if ('error' in one && 'error' in two) throw unavailable();
    if ('error' in one) this.#owedMarks.first.add(actor);
    if ('error' in two) this.#owedMarks.second.add(actor);
  }

  async find(id: string): Promise<{ event: Envelope; position: number | null } | undefined> {
    const [one, two] = await this.#both((queue) => queue.find(id), true);
    const found = [one, two].flatMap((answer) => ('value' in answer && answer.value ? [answer.value] : []));
    const known = found.find(({ position }) => position !== null) ?? found[0];
    if (known) return known;
    if ('value' in one && 'value' in two) return undefined;
    if ('error' in one && 'error' in two) throw one.error;
    throw new QueuePartlyAway('one of two queues does not answer');
  }

  /** @param waits somebody waits for the answer */
  #both<T>(ask: (queue: Queue) => Promise<T>, waits = false): Promise<[Settled<T>, Settled<T>]> {
    const first = ask(this.#first);
    return Promise.all([settle(waits ? this.#inShare(first) : first), settle(ask(this.#second))]);
  }

  /** Of those that answer. @throws where neither does */
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

  handOn(events: readonly StoredEvent[]): Promise<void> {
    return this.#first.handOn(events);
  }

  handedOn(): Promise<number> {
    return this.#first.handedOn();
  }

  hasAllHandedOn(): Promise<boolean> {
    return this.#first.hasAllHandedOn();
  }

  renewRecorded(): Promise<void> {
    return this.#first.renewRecorded();
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

  /** Kept on both: the highest term counts, and what one has missed it is given with the next write. */
  register<T extends Numbered>(name: string): Register<T> {
    return {
      read: async () => {
        const values = await this.#each((queue) => queue.register<T>(name).read());
        const known = values.filter((value) => value !== undefined);
        return known.reduce<T | undefined>((a, b) => (a && a.term >= b.term ? a : b), undefined);
      },
      raise: async (value) => {
        // In this order for all, so that of two who reach both one is refused before it has written anything.
        const one = await settle(this.#first.register<T>(name).raise(value));
        if ('value' in one && !one.value) return false;
        const two = await settle(this.#second.register<T>(name).raise(value));
        if ('value' in two) return two.value;
        if ('value' in one) return one.value;
        throw one.error;
      },
    };
  }

  lines(): readonly QueueLine[] {
    const second = this.#second.lines().map((line) => ({ ...line, fallbacks: this.#fallbacks }));
    return [...this.#first.lines(), ...second];
  }

  async ping(): Promise<void> {
    await this.#each((queue) => queue.ping());
  }

  async close(): Promise<void> {
    const owed = [this.#owedClaims, this.#owedMarks].flatMap(({ first, second }) => [first, second]);
    await Promise.all(owed.map((one) => one.close()));
    await Promise.all([this.#first.close(), this.#second.close()]);
  }
}
