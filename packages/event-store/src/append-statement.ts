import type pg from 'pg';

/** The ids and keys among these that are recorded. */
export const known = (ids: string, actors: string, keys: string): string => `
  select id, null::uuid as actor, null::text as key, true as is_known from event_store.known_ids(${ids}::uuid[])
  union all
  select null, actor, key, true from event_store.known_keys(${actors}::uuid[], ${keys}::text[])`;

/** Locks the term in shared mode, so that it cannot be raised between this check and the commit. */
const heldTerm = 'held as materialized (select 1 from event_store.term where term = $12 for share),';

/** Options of an append that its statement depends on. */
interface Kind {
  /** Table that has the head. */
  readonly headTable: string;
  /** True if the store must be in a term. */
  readonly inTerm: boolean;
}

/**
 * Inserts all given events, or none: if the store has one of them already, if it does not end at the expected head, or if
 * it has another term. One statement, so that an append takes one round trip and one transaction. Returns one row, or a row
 * for each known event.
 */
const insertIfNew = ({ headTable, inTerm }: Kind): string => `
with given as materialized (
  select * from unnest($1::uuid[], $2::text[], $3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::json[], $8::bytea[])
    with ordinality as given(id, type, subject, actor, key, occurred_at, event, hash, n)
),
known as materialized (${known('$1', '$4', '$5')}
),
${inTerm ? heldTerm : ''}
found as materialized (
  select
    $9::bigint = 0 or exists (select from ${headTable} where position = $9 and hash = $10::bytea) as at_head,
    ${inTerm ? 'exists (select from held)' : 'true'} as in_term
),
inserted as (
  insert into event_store.events
    (position, id, type, subject, actor, idempotency_key, occurred_at, event, recorded_at, hash)
  select $9 + n, given.id, type, subject, given.actor, key, occurred_at::timestamptz, event, $11::timestamptz, hash
  from given, found
  where at_head and in_term and not exists (select from known)
  order by n
)
select at_head, in_term, clock_timestamp() as now, is_known, known.id, known.actor, known.key
from found left join known on true`;

/**
 * The statement of the appends, which the connection of the writer prepares once for each partition: to plan it takes longer than
 * to append an event by it. It names the partition of the head, because a plan that is made without parameters would read, and
 * lock, all partitions of the table of all events.
 */
export class AppendStatement {
  readonly #client: Pick<pg.Client, 'query'>;
  #kind: Kind | undefined;
  #prepared = 0;

  constructor(client: Pick<pg.Client, 'query'>) {
    this.#client = client;
  }

  /** Returns the statement. Only the last one stays prepared, and each has a name of its own, since the client remembers names. */
  async get(kind: Kind): Promise<{ readonly name: string; readonly text: string }> {
    const before = this.#kind;
    if (before?.headTable !== kind.headTable || before.inTerm !== kind.inTerm) {
      if (before) await this.#client.query(`deallocate "${this.#name}"`);
      this.#kind = kind;
      this.#prepared += 1;
    }
    return { name: this.#name, text: insertIfNew(kind) };
  }

  get #name(): string {
    return `append ${this.#prepared}`;
  }
}
