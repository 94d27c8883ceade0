import { setTimeout } from 'node:timers/promises';
import type {
  DeadLetter,
  EventStore,
  EventWriter,
  ResolvedDeadLetter,
  StoreReplicaStatus,
} from '@rookery/event-store';
import { shortTimeoutsMs } from '@rookery/event-store/connections';
import { PostgresEventStore } from '@rookery/event-store/postgres';
import {
  raiseTerm,
  type StoreName,
  type StoreTerm,
  selectTerm,
  type TermRow,
  UnsafeFailoverError,
} from '@rookery/event-store/term';
import { type PostgresWriter, tryAcquire, WriterReleasedError } from '@rookery/event-store/writer';
import type { FencingTokenStore } from '@rookery/message-queue';
import { createPolicy, jittered, type Logger, type Policy, type PolicyMetrics } from '@rookery/runtime';
import type { StoredEvent } from '@rookery/schema/events';
import { headOf, lastShared } from './mirror.ts';
import { AloneWriter, BothWriter, makeEqual, maxInlineLag } from './two-writer.ts';

export interface TwoStoresOptions {
  readonly url: string;
  readonly backupUrl: string;
  readonly log: Logger;
  /** FencingTokenStore in which all processes agree on the current store; only required to write. */
  readonly fencingTokens?: FencingTokenStore<StoreTerm> | undefined;
  readonly metrics?: PolicyMetrics | undefined;
  /** Number of events in a new partition. */
  readonly partitionSize?: number | undefined;
}

/** Interval at which a standby tries to take the locks. */
const standbyPollMs = 400;
/** Time for which the choice of the store to read is valid. */
const choiceTtlMs = 500;
/** Time after a failure of a store during which its time-out is short, since the other store is available. */
const distrustMs = { lasts: 5_000, connect: 600 } as const;
/** Maximum wait for the second store after the first is prepared. */
const graceMs = 300;

const names = ['primary', 'backup'] as const satisfies readonly StoreName[];
const otherOf = (name: StoreName): StoreName => (name === 'primary' ? 'backup' : 'primary');

/** Result of taking the lock of a store: the writer, or why there is none. */
type Hold = PostgresWriter | 'taken' | 'away';
const isHeld = (hold: Hold): hold is PostgresWriter => typeof hold === 'object';

/**
 * Two event stores with one head, see "Two event stores" in docs/explanation/fallbacks.md. Both are written, and an
 * append counts once both have it. If one is down, the other continues alone if the fencing tokens allow it: all
 * possible writers agree in them, whichever stores they can reach.
 */
class TwoStores implements EventStore {
  readonly #options: TwoStoresOptions;
  readonly #stores: Readonly<Record<StoreName, PostgresEventStore>>;
  readonly #policies: Readonly<Record<StoreName, Policy>>;
  /** Store that this process writes, if it does: its reads must see the same. */
  #written: StoreName | undefined;
  /** Time of the last failure of each store under its writer. */
  readonly #failedAt: Partial<Record<StoreName, number>> = {};
  #choice: { readonly until: number; readonly store: Promise<StoreName> } | undefined;

  constructor(options: TwoStoresOptions) {
    this.#options = options;
    const { log, metrics } = options;
    const open = (name: StoreName) =>
      new PostgresEventStore(this.#url(name), log.child({ store: name }), { timeoutsMs: shortTimeoutsMs });
    this.#stores = { primary: open('primary'), backup: open('backup') };
    const policy = (name: StoreName) =>
      createPolicy({
        name: `event store ${name}`,
        timeoutMs: 1_000,
        breaker: { threshold: 0.4, size: 2, minimum: 1, halfOpenAfterMs: 500, maxPauseMs: 2_000 },
        ...(metrics ? { metrics } : {}),
      });
    this.#policies = { primary: policy('primary'), backup: policy('backup') };
  }

  #url(name: StoreName): string {
    return name === 'primary' ? this.#options.url : this.#options.backupUrl;
  }

  /** Prepares at least one of them; the other is prepared when it is first used. */
  async prepare(): Promise<void> {
    const both = names.map((name) => this.#stores[name].prepare());
    await Promise.any(both).catch((error: AggregateError) => {
      throw error.errors[0];
    });
    const late = setTimeout(graceMs, undefined, { ref: false });
    await Promise.race([Promise.allSettled(both), late]);
  }

  async acquireWriter(signal: AbortSignal): Promise<EventWriter> {
    for (;;) {
      signal.throwIfAborted();
      const holds = await this.#takeLocks(signal);
      const { primary, backup } = holds;
      try {
        if (primary !== 'taken' && backup !== 'taken') return this.#watched(await this.#decide(holds));
      } catch (error) {
        await this.#letGo(holds);
        throw error;
      }
      await this.#letGo(holds);
      await setTimeout(jittered(standbyPollMs, 0.25), undefined, { signal });
    }
  }

  /** Takes the locks in one order for all processes, so that no two wait for each other. */
  async #takeLocks(signal: AbortSignal): Promise<Record<StoreName, Hold>> {
    const primary = await this.#take('primary', signal);
    const backup = primary === 'taken' ? 'taken' : await this.#take('backup', signal);
    return { primary, backup };
  }

  async #take(name: StoreName, signal: AbortSignal): Promise<Hold> {
    try {
      // One connection, and thus one wait for a server that hangs, also creates what the store lacks.
      const failed =
        performance.now() - (this.#failedAt[name] ?? Number.NEGATIVE_INFINITY) < distrustMs.lasts;
      const timeoutsMs = failed ? { ...shortTimeoutsMs, connect: distrustMs.connect } : shortTimeoutsMs;
      const options = { timeoutsMs, partitionSize: this.#options.partitionSize, once: true };
      const writer = await tryAcquire(this.#url(name), this.#options.log, signal, options);
      void writer?.lost.then((why) => {
        if (!(why instanceof WriterReleasedError)) this.#failedAt[name] = performance.now();
      });
      return writer ?? 'taken';
    } catch (error) {
      if (signal.aborted) throw error;
      this.#options.log.debug({ error, store: name }, 'an event store is down');
      return 'away';
    }
  }

  async #letGo(holds: Record<StoreName, Hold>): Promise<void> {
    await Promise.all(Object.values(holds).map((hold) => (isHeld(hold) ? hold.release() : undefined)));
  }

  async #decide({ primary, backup }: Record<StoreName, Hold>): Promise<[StoreTerm['current'], EventWriter]> {
    const { fencingTokens } = this.#options;
    if (!fencingTokens) throw new Error('writing two event stores needs fencing tokens');
    const known = await fencingTokens.read();
    if (isHeld(primary) && isHeld(backup)) {
      try {
        return await this.#withBoth(primary, backup, known, fencingTokens);
      } catch (error) {
        // A store that can be reached but not written (for example because its disk is full) counts as down.
        if (primary.isLost === backup.isLost) throw error;
        this.#options.log.warn({ error }, 'an event store is reachable but not writable');
      }
    }
    if (isHeld(primary) && !primary.isLost)
      return ['primary', await this.#alone('primary', primary, known, fencingTokens)];
    if (isHeld(backup) && !backup.isLost)
      return ['backup', await this.#alone('backup', backup, known, fencingTokens)];
    throw new Error('both event stores are down');
  }

  async #withBoth(
    primary: PostgresWriter,
    backup: PostgresWriter,
    known: StoreTerm | undefined,
    fencingTokens: FencingTokenStore<StoreTerm>,
  ): Promise<[StoreTerm['current'], EventWriter]> {
    const held = { primary, backup };
    const terms = { primary: await termOf(primary), backup: await termOf(backup) };
    const truth = await this.#truth(held, terms, known);
    const [source, target] = [held[truth], held[otherOf(truth)]];
    const behind = (await source.use(headOf)) - (await target.use(headOf));
    if (Math.abs(behind) > maxInlineLag) {
      // Too much for recording to wait: recording continues with one store, which updates the other
      // meanwhile.
      await target.release();
      return [truth, await this.#alone(truth, source, known ?? { term: 0, current: truth }, fencingTokens)];
    }
    await makeEqual(source, target, (events) => source.append(events), this.#options.log);
    const term = Math.max(known?.term ?? 0, terms.primary, terms.backup) + 1;
    // The stores before the fencing tokens: a store without the term must not count as complete because of the
    // fencing tokens.
    for (const one of [backup, primary]) await raise(one, { term, current: 'both' });
    if (!(await fencingTokens.raise({ term, current: 'both' })))
      throw new UnsafeFailoverError('somebody else writes by now');
    this.#options.log.info({ term }, 'writing both event stores');
    return ['both', new BothWriter(primary, backup, term)];
  }

  /** Returns the store that the other one is made equal to. */
  async #truth(
    held: Record<StoreName, PostgresWriter>,
    terms: Record<StoreName, number>,
    known: StoreTerm | undefined,
  ): Promise<StoreName> {
    if (known && known.current !== 'both') return known.current;
    if (!known && terms.primary !== terms.backup) return terms.primary > terms.backup ? 'primary' : 'backup';
    const heads = { primary: await held.primary.use(headOf), backup: await held.backup.use(headOf) };
    const shared = await held.primary.use((one) => held.backup.use((other) => lastShared(one, other)));
    // One store continues at the end of the other. (This includes a store that was never used or has new
    // disks.)
    if (shared === heads.primary) return 'backup';
    if (shared === heads.backup) return 'primary';
    if (known) return 'primary';
    throw new UnsafeFailoverError(
      `the event stores differ behind position ${shared}, and nothing says which of them is right: set one of them aside`,
    );
  }

  async #alone(
    name: StoreName,
    writer: PostgresWriter,
    known: StoreTerm | undefined,
    fencingTokens: FencingTokenStore<StoreTerm>,
  ): Promise<EventWriter> {
    const own = await termOf(writer);
    // Primary of a system whose backup was never used.
    const first = !known && name === 'primary' && own === 0;
    if (!first && known?.current !== name) {
      if (!known)
        throw new UnsafeFailoverError(
          `nothing says whether the ${name} is whole: both event stores are needed once`,
        );
      if (known.current !== 'both')
        throw new UnsafeFailoverError(`the ${name} event store is behind: waiting for the ${known.current}`);
      if (own < known.term)
        throw new UnsafeFailoverError(
          `the ${name} event store is not the one of term ${known.term}: waiting for the other`,
        );
    }
    const term = Math.max(known?.term ?? 0, own) + 1;
    if (!(await fencingTokens.raise({ term, current: name })))
      throw new UnsafeFailoverError('somebody else writes by now');
    await raise(writer, { term, current: name });
    this.#options.log.warn({ term, store: name }, 'going on with one event store alone');
    return new AloneWriter({
      writer,
      term,
      reachOther: async (signal) => {
        const hold = await this.#take(otherOf(name), signal);
        if (hold === 'away') throw new Error('away');
        return isHeld(hold) ? hold : undefined;
      },
      log: this.#options.log,
    });
  }

  #watched([current, writer]: [StoreTerm['current'], EventWriter]): EventWriter {
    const name = current === 'both' ? 'primary' : current;
    this.#written = name;
    void writer.lost.then(() => {
      if (this.#written === name) this.#written = undefined;
      this.#choice = undefined;
    });
    return writer;
  }

  /**
   * Returns the store to read: the one with the highest term among those that answer, which is never behind
   * another one that answers.
   */
  async #current(): Promise<StoreName> {
    if (this.#written) return this.#written;
    if (!this.#choice || this.#choice.until < performance.now())
      this.#choice = { until: performance.now() + choiceTtlMs, store: this.#choose() };
    return this.#choice.store;
  }

  async #choose(): Promise<StoreName> {
    const terms = await this.#terms();
    if (!terms.primary && !terms.backup) throw new Error('no event store answers');
    return (terms.primary?.term ?? -1) >= (terms.backup?.term ?? -1) ? 'primary' : 'backup';
  }

  async #terms(): Promise<Record<StoreName, StoreTerm | undefined>> {
    const ask = (name: StoreName) =>
      this.#policies[name].execute(() => this.#stores[name].term()).catch(() => undefined);
    const [primary, backup] = await Promise.all([ask('primary'), ask('backup')]);
    return { primary, backup };
  }

  /** Asks the current store; after a failure asks again whichever is current then. */
  async #ask<T>(question: (store: PostgresEventStore) => Promise<T>): Promise<T> {
    const name = await this.#current();
    try {
      return await question(this.#stores[name]);
    } catch (error) {
      this.#choice = undefined;
      const again = await this.#current();
      if (again === name) throw error;
      return question(this.#stores[again]);
    }
  }

  head(): Promise<number> {
    return this.#ask((store) => store.head());
  }

  read(after: number, limit: number): Promise<StoredEvent[]> {
    return this.#ask((store) => store.read(after, limit));
  }

  /** Adds the dead letter to every reachable store, so that it is listed as long as one of these is available. */
  async addDeadLetter(event: Omit<DeadLetter, 'addedAt'>): Promise<void> {
    await this.#ofBoth((store) => store.addDeadLetter(event));
  }

  /**
   * Returns the dead letters of either store. One that was removed in one while the other was down is
   * removed in both.
   */
  async deadLetters(limit: number): Promise<DeadLetter[]> {
    const [lists, resolved] = await Promise.all([
      this.#ofBoth((store) => store.deadLetters(limit)),
      this.resolvedDeadLetters(limit),
    ]);
    const key = ({ by, id }: { by: string; id: string }) => `${by} ${id}`;
    const off = new Map(resolved.reverse().map((one) => [key(one), one.at]));
    const known = new Map(
      lists
        .flat()
        .filter((one) => (off.get(key(one)) ?? '') <= one.addedAt)
        .map((one) => [key(one), one]),
    );
    return [...known.values()].sort((a, b) => a.addedAt.localeCompare(b.addedAt)).slice(0, limit);
  }

  async resolveDeadLetter(...args: Parameters<EventStore['resolveDeadLetter']>): Promise<boolean> {
    return (await this.#ofBoth((store) => store.resolveDeadLetter(...args))).some(Boolean);
  }

  async resolvedDeadLetters(limit: number): Promise<ResolvedDeadLetter[]> {
    const all = (await this.#ofBoth((store) => store.resolvedDeadLetters(limit))).flat();
    const known = new Map(all.map((one) => [`${one.by} ${one.id} ${one.action} ${one.why}`, one]));
    return [...known.values()].sort((a, b) => b.at.localeCompare(a.at)).slice(0, limit);
  }

  positionOf(id: string): Promise<number | undefined> {
    return this.#ask((store) => store.positionOf(id));
  }

  byId(id: string): Promise<StoredEvent | undefined> {
    return this.#ask((store) => store.byId(id));
  }

  byKey(actor: string, key: string): Promise<StoredEvent | undefined> {
    return this.#ask((store) => store.byKey(actor, key));
  }

  /**
   * Returns the results of the stores that answer.
   * @throws if neither does
   */
  async #ofBoth<T>(question: (store: PostgresEventStore) => Promise<T>): Promise<T[]> {
    const both = await Promise.allSettled(names.map((name) => question(this.#stores[name])));
    const answers = both.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const [one] = both;
    if (answers.length === 0 && one?.status === 'rejected') throw one.reason;
    return answers;
  }

  async replicas(): Promise<readonly StoreReplicaStatus[]> {
    const terms = await this.#terms();
    const newest = Math.max(terms.primary?.term ?? -1, terms.backup?.term ?? -1);
    return Promise.all(
      names.map(async (name) => {
        const known = terms[name];
        const head = known ? await this.#stores[name].head().catch(() => undefined) : undefined;
        const current = known !== undefined && known.term === newest;
        return { name, up: head !== undefined, current, head, term: known?.term };
      }),
    );
  }

  async ping(): Promise<void> {
    await Promise.any(names.map((name) => this.#stores[name].ping())).catch((error: AggregateError) => {
      throw error.errors[0];
    });
  }

  async close(): Promise<void> {
    await Promise.all(names.map((name) => this.#stores[name].close()));
  }
}

const termOf = (writer: PostgresWriter): Promise<number> =>
  writer.use(async (client) => Number((await client.query<TermRow>(selectTerm)).rows[0]?.term ?? 0));

const raise = (writer: PostgresWriter, { term, current }: StoreTerm): Promise<void> =>
  writer.use(async (client) => {
    const { rowCount } = await client.query(raiseTerm, [term, current]);
    if (rowCount !== 1)
      throw new UnsafeFailoverError(`an event store knows a term as high as ${term} already`);
  });

/** Opens two event stores as one. Nothing is connected until the first call. */
export const openTwoStores = (options: TwoStoresOptions): EventStore => new TwoStores(options);
