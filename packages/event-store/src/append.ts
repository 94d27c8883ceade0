import { byteaArray, jsonArray, textArray, uuidArray } from '@rookery/postgres';
import { crashPoint } from '@rookery/runtime';
import type { Envelope } from '@rookery/schema/events';
import type pg from 'pg';
import { AppendStatement, known } from './append-statement.ts';
import { type ChainHead, chain, type Hash, MissingHashError, noHash } from './chain.ts';
import { allEvents, type Partition, partitionName, partitionOf } from './partitions.ts';
import { escapeText } from './schema.ts';
import { FencedWriterError } from './term.ts';
import type { Appended, AppendedEvent } from './types.ts';

const selectHead = `
select clock_timestamp() as now, position, hash
from (select 1) as one left join (select position, hash from event_store.events order by position desc limit 1) as last on true`;

const selectKnown = known('$1', '$2', '$3');

/** Maximum number of attempts: the second one knows the duplicates, and no other process can add any. */
const maxTries = 3;

interface HeadRow {
  readonly now: Date;
  readonly position: string | null;
  readonly hash: Hash | null;
}

/** An identity that is recorded: an id, or the key of an actor. */
interface KnownRow {
  readonly id: string | null;
  readonly actor: string;
  readonly key: string;
}

interface AnswerRow extends KnownRow {
  readonly at_head: boolean;
  readonly in_term: boolean;
  readonly now: Date;
  /** Null if no event is known. */
  readonly is_known: true | null;
}

/** The store does not end at the event that its only writer appended last: another process has written to it. */
class MovedHeadError extends Error {
  override readonly name = 'MovedHeadError';
}

/** An event, and the text that is stored: a string, or its bytes in UTF-8. */
interface Given<Text extends string | Uint8Array> {
  readonly event: Envelope;
  readonly text: Text;
}

export interface AppendOptions {
  /** Texts of the events as they were received, in UTF-8 and in the same order. By default they are written from the events. */
  readonly texts?: readonly Uint8Array[] | undefined;
  /** Refuses the append, in the same transaction, unless the store is in this term. */
  readonly term?: number | undefined;
}

const keyOf = (event: Envelope): string | null =>
  event.idempotencykey === undefined ? null : escapeText(event.idempotencykey);

// Postgres returns UUIDs in lower case.
const idIdentity = (id: string): string => id.toLowerCase();
const keyIdentity = (actor: string, key: string): string => `${actor.toLowerCase()} ${key}`;

/** Returns the identities of an event: its id, and the key of its actor. */
const identitiesOf = (event: Envelope): string[] => {
  const key = keyOf(event);
  return key === null ? [idIdentity(event.id)] : [idIdentity(event.id), keyIdentity(event.actor, key)];
};

/**
 * Drops events that the store has, and then, in order, those that repeat a kept event. Not the other way
 * round: a dropped event must not drop another.
 */
const withoutDuplicates = (given: readonly Given<Uint8Array>[], known: readonly KnownRow[]) => {
  const taken = new Set(
    known.map(({ id, actor, key }) => (id === null ? keyIdentity(actor, key) : idIdentity(id))),
  );
  const fresh: Given<Uint8Array>[] = [];
  const duplicates: string[] = [];
  const conflicts: Envelope[] = [];
  for (const one of given) {
    const { event } = one;
    const own = identitiesOf(event);
    if (own.some((identity) => taken.has(identity))) duplicates.push(event.id);
    else {
      fresh.push(one);
      for (const identity of own) taken.add(identity);
      continue;
    }
    if (!taken.has(idIdentity(event.id))) conflicts.push(event);
  }
  return { fresh, duplicates, conflicts };
};

/**
 * Appends on the connection that holds the lock of the writer. It remembers the head of the chain, because no other process
 * appends, and each append verifies it.
 */
export class Appender {
  readonly #client: pg.Client;
  readonly #statement: AppendStatement;
  #head: ChainHead | undefined;
  /** Partition of the head, as far as it is known. */
  #headIn: Partition | undefined;
  /** Clock of the store, which may differ from the one of this process. */
  #clock = clockFrom(new Date());

  constructor(client: pg.Client) {
    this.#client = client;
    this.#statement = new AppendStatement(client);
  }

  /** Reads the head again before the next append. To be called if anything else may have changed the events. */
  forgetHead(): void {
    this.#head = undefined;
    this.#headIn = undefined;
  }

  /** Returns the last position. */
  async position(): Promise<number> {
    this.#head ??= await this.#readHead();
    return this.#head.position;
  }

  /** Notes what the clock of the store shows now. */
  setClock(now: Date): void {
    this.#clock = clockFrom(now);
  }

  /** Appends new events in one transaction, after the last position. */
  async append(events: readonly Envelope[], { texts, term }: AppendOptions = {}): Promise<Appended> {
    if (events.length === 0) return { recorded: [], duplicates: [], conflicts: [] };
    const given = events.map((event, i) => ({
      event,
      text: texts?.[i] ?? Buffer.from(JSON.stringify(event)),
    }));
    // An event that repeats another one may be the one to keep, if the store has the other.
    const known = withoutDuplicates(given, []).duplicates.length > 0 ? await this.#known(events) : [];
    let isChecked = false;
    for (let tries = 1; tries <= maxTries; tries++) {
      const { fresh, duplicates, conflicts } = withoutDuplicates(given, known);
      if (fresh.length === 0 && isChecked) return { recorded: [], duplicates, conflicts };
      const { recorded, found } = await this.#insert(fresh, term);
      if (found.length === 0) return { recorded, duplicates, conflicts };
      known.push(...found);
      isChecked = true;
    }
    throw new Error('the event store reports other duplicates with each attempt');
  }

  async #known(events: readonly Envelope[]): Promise<KnownRow[]> {
    const keyed = events.filter((event) => event.idempotencykey !== undefined);
    const { rows } = await this.#client.query<KnownRow>(selectKnown, [
      uuidArray(events.map(({ id }) => id)),
      uuidArray(keyed.map(({ actor }) => actor)),
      textArray(keyed.map(keyOf)),
    ]);
    return rows;
  }

  async #readHead(): Promise<ChainHead> {
    const { head, clock } = await readHead(this.#client);
    this.#clock = clock;
    return head;
  }

  /** Returns the table that has the event at a position: its partition, or the table of all events while that is not partitioned. */
  async #tableOf(position: number): Promise<string> {
    if (!this.#headIn || position > this.#headIn.last)
      this.#headIn = await partitionOf(this.#client, Math.max(1, position));
    return this.#headIn ? partitionName(this.#headIn) : allEvents;
  }

  /**
   * Inserts events unless the store has one of them.
   * @returns the recorded events, or what the store has already
   */
  async #insert(
    given: readonly Given<Uint8Array>[],
    term: number | undefined,
  ): Promise<{ readonly recorded: readonly AppendedEvent[]; readonly found: readonly KnownRow[] }> {
    this.#head ??= await this.#readHead();
    const head = this.#head;
    const recordedAt = this.#clock().toISOString();
    const { linked, end } = link(head, given, recordedAt);
    const headTable = await this.#tableOf(head.position);
    const statement = await this.#statement.get({ headTable, inTerm: term !== undefined });
    crashPoint('before-commit');
    const { rows } = await this.#client.query<AnswerRow>({
      ...statement,
      values: [
        uuidArray(given.map(({ event }) => event.id)),
        textArray(given.map(({ event }) => event.type)),
        uuidArray(given.map(({ event }) => event.subject)),
        uuidArray(given.map(({ event }) => event.actor)),
        textArray(given.map(({ event }) => keyOf(event))),
        textArray(given.map(({ event }) => event.time)),
        jsonArray(given.map(({ text }) => text)),
        byteaArray(linked.map(({ hash }) => hash)),
        head.position,
        head.hash,
        recordedAt,
        ...(term === undefined ? [] : [term]),
      ],
    });
    const [answer] = rows;
    if (!answer) throw new Error('the event store did not answer an append');
    this.setClock(answer.now);
    if (!answer.in_term) throw new FencedWriterError(`the event store is no longer in term ${term}`);
    if (!answer.at_head)
      throw new MovedHeadError(`the event store no longer ends at position ${head.position}`);
    const found = rows.filter(({ is_known }) => is_known);
    if (found.length > 0) return { recorded: [], found };
    this.#head = end;
    return {
      recorded: linked.map(({ position, event, text }) => ({ position, recordedAt, event, bytes: text })),
      found,
    };
  }
}

/** Returns the clock of a store that shows this time now. */
const clockFrom = (now: Date): (() => Date) => {
  const readAt = performance.now();
  return () => new Date(Math.floor(now.getTime() + performance.now() - readAt));
};

/**
 * Reads the head of the chain, and the clock of the store.
 * @throws MissingHashError
 */
export const readHead = async (
  client: Pick<pg.Client, 'query'>,
): Promise<{ readonly head: ChainHead; readonly clock: () => Date }> => {
  const { rows } = await client.query<HeadRow>(selectHead);
  const [row] = rows;
  if (!row) throw new Error('the event store returned no head');
  const clock = clockFrom(row.now);
  if (row.position === null) return { head: { position: 0, hash: noHash }, clock };
  if (!row.hash) throw new MissingHashError(`the event at position ${row.position} has no hash`);
  return { head: { position: Number(row.position), hash: row.hash }, clock };
};

/** Chains events to the head: returns them with their positions and hashes, and the new head. */
export const link = <Text extends string | Uint8Array>(
  head: ChainHead,
  given: readonly Given<Text>[],
  recordedAt: string,
) => {
  let end = head;
  const linked = given.map(({ event, text }) => {
    const position = end.position + 1;
    end = { position, hash: chain(end.hash, { position, recordedAt, text }) };
    return { ...end, recordedAt, event, text };
  });
  return { linked, end };
};
