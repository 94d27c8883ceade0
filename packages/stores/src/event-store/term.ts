import type { Numbered } from '../queue/register.ts';

export type StoreName = 'primary' | 'backup';

/**
 * Which store is to be written, and read: both, which are then equal, or one alone, and the other is behind. Each
 * change has a higher term than the one before.
 */
export interface StoreTerm extends Numbered {
  readonly current: 'both' | StoreName;
}

/** A row of one; what the store's last writer knew. */
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

/** Shared, so that a term can't be raised between this question and the commit. */
export const holdTerm = 'select 1 from event_store.term where term = $1 for share';

export interface TermRow {
  readonly term: string;
  readonly current: StoreTerm['current'];
}

/** A newer term than the writer's is in the store: somebody else writes by now. */
export class Fenced extends Error {
  override readonly name = 'Fenced';
}

/** The stores, or what is known of them, do not allow to go on: going on could make a second history. */
export class NotSafe extends Error {
  override readonly name = 'NotSafe';
}
