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
  /** Pull request in which alone it holds; null: it holds wherever the change turns up. */
  readonly pullRequest: string | null;
}

const stored = 'hash, kind, coordinate, message, reason, author, approved_at';
const all = `(select ${stored}, null as pull_request from registry.approvals
  union all select ${stored}, pull_request from registry.pull_request_approvals) as approvals`;
const columns = `hash, kind, coordinate, message, reason, author, pull_request as "pullRequest",
  ${isoTime('approved_at', 'approvedAt')}`;

/** Returns the identity of a change: its content, and neither a commit nor a pull request. */
const changeHash = ({ kind, coordinate, message }: Approval['change']): string =>
  sha256(JSON.stringify([kind, coordinate, message]));

/** Stores an approval, or returns the one that exists: the first reason stays. */
export const approve = async (
  client: Queryable,
  { change, reason, author, pullRequest }: Approval,
): Promise<{ readonly approval: StoredApproval; readonly created: boolean }> => {
  const hash = changeHash(change);
  const values = [hash, change.kind, change.coordinate, change.message, reason, author];
  const { rowCount } =
    pullRequest === undefined
      ? await client.query(
          `insert into registry.approvals (hash, kind, coordinate, message, reason, author)
           values ($1, $2, $3, $4, $5, $6) on conflict do nothing`,
          values,
        )
      : await client.query(
          `insert into registry.pull_request_approvals
             (hash, kind, coordinate, message, reason, author, pull_request)
           values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing`,
          [...values, pullRequest],
        );
  const { rows } = await client.query<StoredApproval>(
    `select ${columns} from ${all} where hash = $1 and pull_request is not distinct from $2`,
    [hash, pullRequest ?? null],
  );
  const [approval] = rows;
  if (approval === undefined) throw new Error('the approval was not stored');
  return { approval, created: rowCount === 1 };
};

export const listApprovals = (database: Database): Promise<StoredApproval[]> =>
  database.query<StoredApproval>(`select ${columns} from ${all} order by approved_at, hash`);

/** Returns approvals, the newest first. */
export const newestApprovals = (database: Database, limit: number): Promise<StoredApproval[]> =>
  database.query<StoredApproval>(`select ${columns} from ${all} order by approved_at desc limit $1`, [limit]);

/** Returns the approvals that hold in a pull request, or outside of any. */
export const approvalsFor = (
  database: Database,
  pullRequest: string | undefined,
): Promise<StoredApproval[]> =>
  database.query<StoredApproval>(
    `select ${columns} from ${all} where pull_request is null or pull_request = $1`,
    [pullRequest ?? null],
  );
