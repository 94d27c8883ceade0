import { sha256 } from '@rookery/registry-protocol';
import type { Approval } from '../input.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';

export interface StoredApproval {
  /** SHA-256 of kind, coordinate and message. */
  readonly hash: string;
  readonly kind: string;
  readonly coordinate: string;
  readonly message: string;
  readonly reason: string;
  readonly author: string;
  readonly approvedAt: string;
}

const columns = `hash, kind, coordinate, message, reason, author,
  ${isoTime('approved_at', 'approvedAt')}`;

/** Returns the identity of a change: its content, and neither a commit nor a pull request. */
const changeHash = ({ kind, coordinate, message }: Approval['change']): string =>
  sha256(JSON.stringify([kind, coordinate, message]));

/** Stores an approval, or returns the one that exists: the first reason stays. */
export const approve = async (
  client: Queryable,
  { change, reason, author }: Approval,
): Promise<{ readonly approval: StoredApproval; readonly created: boolean }> => {
  const hash = changeHash(change);
  const { rowCount } = await client.query(
    `insert into registry.approvals (hash, kind, coordinate, message, reason, author)
     values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
    [hash, change.kind, change.coordinate, change.message, reason, author],
  );
  const { rows } = await client.query<StoredApproval>(
    `select ${columns} from registry.approvals where hash = $1`,
    [hash],
  );
  const [approval] = rows;
  if (approval === undefined) throw new Error('the approval was not stored');
  return { approval, created: rowCount === 1 };
};

export const listApprovals = (database: Database): Promise<StoredApproval[]> =>
  database.query<StoredApproval>(`select ${columns} from registry.approvals order by approved_at, hash`);
