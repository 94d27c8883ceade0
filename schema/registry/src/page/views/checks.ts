import type { CheckReport } from '@rookery/schema/check';
import { type Check, listChecks, readCheck } from '../../storage/checks.ts';
import { count } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { badge, link, olderLink, table, time } from '../layout.ts';
import { type PageParts, type PageRequest, rowsOfPage } from '../reader.ts';

const stateOf = ({ ok, outcome }: Pick<Check, 'ok' | 'outcome'>): Html =>
  badge(ok ? 'passed' : outcome, ok ? 'good' : 'bad');

export const checkHeads = ['Check', 'Result', 'Subgraphs', 'Pull request', 'Author', 'Message', 'Time'];

export const checkRows = (checks: readonly Check[]) =>
  checks.map((check) => [
    html`<a href="${link(`/checks/${check.number}`)}">${check.number}</a>`,
    stateOf(check),
    [...check.subgraphs, ...check.removed.map((name) => `without ${name}`)].join(', '),
    html`<bdi>${check.pullRequest}</bdi>`,
    html`<bdi>${check.author}</bdi>`,
    html`<bdi>${check.message ?? check.commit}</bdi>`,
    time(check.checkedAt),
  ]);

/** Lists the checks of an environment, the newest first. */
export const checksView = async (
  { database }: PageParts,
  { query, environment }: PageRequest,
): Promise<Html> => {
  const page = { before: query.before, limit: rowsOfPage };
  const checks = environment === undefined ? [] : await listChecks(database, environment, page);
  const before = checks.length < rowsOfPage ? undefined : checks.at(-1)?.number;
  return html`${table('Checks, the newest first', checkHeads, checkRows(checks), 'No check ran yet.')}
${olderLink('/checks', environment, before)}`;
};

type Operation = CheckReport['operations'][number];

/** Operations whose documents are shown. */
const maxShown = 100;

/** Shows a document with the lines marked that a change breaks. */
const documentOf = ({ document, causes }: Operation): Html => {
  const reasons = Map.groupBy(causes, ({ line }) => line);
  return html`<pre tabindex="0"><code>${document.split('\n').map((line, index) => {
    const own = reasons.get(index + 1);
    return own === undefined
      ? html`${line}\n`
      : html`<mark>${line}</mark> <span class="cause"># ${own.map(({ message }) => message).join('; ')}</span>\n`;
  })}</code></pre>`;
};

const operationOf = (operation: Operation): Html => {
  const {
    name,
    kind,
    effect,
    clients,
    refused,
    trusted,
    count: requests,
    openSubscriptions,
    skipped,
  } = operation;
  const users = clients.map(({ name: client, version }) =>
    version === null ? client : `${client} ${version}`,
  );
  return html`<details${refused ? html` open` : ''}><summary><strong><bdi>${name}</bdi></strong> ${kind} ${badge(
    effect,
    effect === 'broken' ? 'bad' : 'plain',
  )}${trusted ? badge('trusted document', 'plain') : ''}</summary>
<p>${count(requests)} requests${openSubscriptions > 0 ? ` and ${count(openSubscriptions)} open subscriptions` : ''} by <bdi>${users.join(', ')}</bdi></p>${skipped === undefined ? '' : html`<p>${skipped}</p>`}${documentOf(operation)}</details>`;
};

const moods = { refused: 'bad', accepted: 'plain', unused: 'plain', allowed: 'good' } as const;

/** Shows the report of one check. @throws RegistryError NOT_FOUND */
export const checkView = async ({ database }: PageParts, { number }: PageRequest): Promise<Html> => {
  const check = await readCheck(database, number ?? 0);
  const { report } = check;
  const { changes, operations, compositionErrors, appVersions, failures, usage, unaffectedOperations } =
    report;
  // Reports that were stored by an older version lack them.
  const { openSubscriptions = [] }: Partial<CheckReport> = report;
  return html`<p>${stateOf(check)} ${check.environment}, compared with ${report.base ?? 'nothing'}${check.pullRequest === null ? '' : html`, in <bdi>${check.pullRequest}</bdi>`}, ${time(check.checkedAt)}.</p>
${failures.length === 0 ? '' : html`<ul class="bad">${failures.map(({ message }) => html`<li><bdi>${message}</bdi></li>`)}</ul>`}
${compositionErrors.length === 0 ? '' : html`<h2>Why it does not compose</h2><ul>${compositionErrors.map(({ code, message }) => html`<li><code>${code}</code> <bdi>${message}</bdi></li>`)}</ul>`}
<h2>Changes</h2>${table(
    'Changes',
    ['Decision', 'Severity', 'Place', 'Change', 'Used by'],
    changes.map(({ decision, criticality, coordinate, message, accepted, usage: used }) => [
      badge(decision, moods[decision]),
      criticality,
      html`<code>${coordinate}</code>`,
      html`<bdi>${message}</bdi>${accepted === undefined ? '' : html` (<bdi>${accepted}</bdi>)`}`,
      used === undefined
        ? ''
        : html`${count(used.count)} requests <bdi>${used.clients.slice(0, 10).join(', ')}</bdi>`,
    ]),
    'Nothing changes for clients.',
  )}
<h2>Operations</h2>${operations.slice(0, maxShown).map(operationOf)}
<p>${operations.length > maxShown ? `${operations.length - maxShown} more are in the report of the API. ` : ''}${unaffectedOperations} operations are unaffected.</p>
<h2>Open subscriptions</h2>${table(
    'Open subscriptions',
    ['Operation', 'App', 'Version', 'Effect', 'Open'],
    openSubscriptions.map(({ name, client, effect, open }) => [
      html`<bdi>${name}</bdi>`,
      html`<bdi>${client.name}</bdi>`,
      html`<bdi>${client.version}</bdi>`,
      badge(effect, effect === 'broken' ? 'bad' : 'plain'),
      count(open),
    ]),
    'No open subscription uses what changes.',
  )}
<h2>App versions</h2>${table(
    'App versions',
    ['App', 'Version', 'Effect', 'Requests'],
    appVersions.map(({ name, version, effect, count: requests }) => [
      html`<bdi>${name}</bdi>`,
      version ?? '',
      badge(effect, effect === 'broken' ? 'bad' : 'plain'),
      count(requests),
    ]),
    'No app version uses what changes.',
  )}
${usage === null ? '' : html`<p>Joined with ${count(usage.requests)} requests of ${usage.operations} operations since ${time(usage.from)}, and ${usage.trustedDocuments} trusted documents.</p>`}`;
};
