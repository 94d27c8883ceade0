import { newestApprovals } from '../../storage/approvals.ts';
import { type Html, html } from '../html.ts';
import { table, time } from '../layout.ts';
import type { PageParts } from '../reader.ts';

/** Approvals that are shown. */
const maxShown = 200;

/** Lists the changes that were approved, the newest first. */
export const approvalsView = async ({ database }: PageParts): Promise<Html> => {
  const approvals = await newestApprovals(database, maxShown);
  return table(
    `Approvals, the newest first${approvals.length < maxShown ? '' : `, of which ${maxShown} are shown`}`,
    ['Place', 'Change', 'Holds in', 'Author', 'Reason', 'Time'],
    approvals.map(({ coordinate, message, pullRequest, author, reason, approvedAt }) => [
      html`<code>${coordinate}</code>`,
      html`<bdi>${message}</bdi>`,
      pullRequest === null ? 'every branch' : html`<bdi>${pullRequest}</bdi>`,
      html`<bdi>${author}</bdi>`,
      html`<bdi>${reason}</bdi>`,
      time(approvedAt),
    ]),
    'No change was approved yet.',
  );
};
