import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type Page, selectNewest } from './newest.ts';
import type { TokenHolder } from './tokens.ts';

/** Notes what a token did, in the transaction that does it. */
export const noteAudit = async (
  client: Queryable,
  { id, name }: TokenHolder,
  action: string,
  details: object,
): Promise<void> => {
  await client.query(
    'insert into registry.audit_log (token_id, token_name, action, details) values ($1, $2, $3, $4)',
    [id, name, action, JSON.stringify(details)],
  );
};

interface AuditEntry {
  readonly entry: number;
  readonly at: string;
  readonly tokenId: string;
  readonly tokenName: string;
  readonly action: string;
  readonly details: object;
}

const columns = `entry::int,
  ${isoTime('at', 'at')},
  token_id as "tokenId", token_name as "tokenName", action, details`;

/** Returns what was done with which token, the newest first. */
export const listAudit = (database: Database, page: Page): Promise<AuditEntry[]> =>
  selectNewest(database, { table: 'audit_log', number: 'entry', columns }, page);
