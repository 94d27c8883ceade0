import type { AppVersion } from '@rookery/registry-protocol';
import { listApps } from '../../storage/app-versions.ts';
import { listOpenSubscriptions, type OpenOperation } from '../../storage/open-subscriptions.ts';
import { busiestOperations, type OperationUsage } from '../../storage/read-usage.ts';
import { count } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { badge, olderLink, table, time } from '../layout.ts';
import { lastDays, type PageParts, type PageRequest, rowsOfPage } from '../reader.ts';

const moods = { published: 'plain', live: 'good', retired: 'plain' } as const;

const appTable = (apps: readonly AppVersion[]): Html =>
  table(
    'App versions, the newest first',
    ['App', 'Version', 'State', 'Documents', 'Last use', 'Published', 'Author', 'Retired because'],
    apps.map((app) => [
      html`<bdi>${app.client.name}</bdi>`,
      html`<bdi>${app.client.version}</bdi>`,
      badge(app.state, moods[app.state]),
      app.documents,
      time(app.lastSeen),
      time(app.publishedAt),
      html`<bdi>${app.author}</bdi>`,
      html`<bdi>${app.retiredReason}</bdi>`,
    ]),
    'No app version was published yet.',
  );

const operationOf = (operation: OperationUsage): Html => {
  const { operationName, client, document, count: requests, errors, durationMs, lastSeen } = operation;
  return html`<details><summary><strong><bdi>${operationName ?? '(anonymous)'}</bdi></strong> of <bdi>${client.name} ${
    client.version
  }</bdi>: ${count(requests)} requests</summary>
<p>${count(errors)} failed; ${(durationMs / Math.max(requests, 1)).toFixed(1)} ms on average; the last one ${time(lastSeen)}.</p>
<pre tabindex="0"><code>${document}</code></pre></details>`;
};

const openTable = (subscriptions: readonly OpenOperation[]): Html =>
  table(
    'Open subscriptions, the most first',
    ['Operation', 'App', 'Version', 'Open', 'Gateways', 'Reported'],
    subscriptions.map(({ operationName, document, client, open, gateways, reportedAt }) => [
      html`<details><summary><bdi>${operationName ?? '(anonymous)'}</bdi></summary><pre tabindex="0"><code>${document}</code></pre></details>`,
      html`<bdi>${client.name}</bdi>`,
      html`<bdi>${client.version}</bdi>`,
      count(open),
      gateways,
      time(reportedAt),
    ]),
    'No subscription is open.',
  );

/** Shows app versions with their states, open subscriptions, and the busiest operations. */
export const operationsView = async (
  { database }: PageParts,
  { query, environment }: PageRequest,
): Promise<Html> => {
  if (environment === undefined) return html`<p class="nothing">There is no environment yet.</p>`;
  const [apps, { subscriptions, open }, { operations, total }] = await Promise.all([
    listApps(database, environment, { before: query.before, limit: rowsOfPage }),
    listOpenSubscriptions(database, environment, rowsOfPage),
    busiestOperations(database, environment, lastDays(), rowsOfPage),
  ]);
  const before = apps.length < rowsOfPage ? undefined : apps.at(-1)?.number;
  return html`<h2>App versions</h2>${appTable(apps)}${olderLink('/operations', environment, before)}
<h2>Open subscriptions</h2>
<p>${count(open)} are open.</p>${openTable(subscriptions)}
<h2>Busiest operations of 30 days</h2>
<p>${operations.length} of ${count(total)} are shown.</p>${operations.map(operationOf)}`;
};
