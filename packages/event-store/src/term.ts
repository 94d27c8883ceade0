export type StoreName = 'primary' | 'backup';

/**
 * States which store is written and read: both, which are then equal, or one alone while the other is behind.
 * Each change has a higher term.
 */
export interface StoreTerm {
  readonly term: number;
  readonly current: 'both' | StoreName;
}

/** Table with one row: the state known to the last writer of the store. */
export const termSchema = `
create table if not exists event_store.term (
  one boolean primary key default true check (one),
  term bigint not null,
  current text not null,
  since timestamptz(3) not null default now()
);
`;

export const selectTerm = 'select term, current from event_store.term';

export const raiseTerm = `
insert into event_store.term as present (term, current) values ($1, $2)
on conflict (one) do update set term = excluded.term, current = excluded.current, since = now()
where present.term < excluded.term`;

/** Locked in shared mode, so that the term cannot be raised between this query and the commit. */
export const holdTerm = 'select 1 from event_store.term where term = $1 for share';

export interface TermRow {
  readonly term: string;
  readonly current: StoreTerm['current'];
}

/** The store has a newer term than the writer: another process writes now. */
export class FencedWriterError extends Error {
  override readonly name = 'FencedWriterError';
}

/** The state of the stores does not allow to continue, which could create a second history. */
export class UnsafeFailoverError extends Error {
  override readonly name = 'UnsafeFailoverError';
}
