import type { Change } from '@rookery/schema/changes';
import type { Problem } from '../../compose/messages.ts';
import { RegistryError } from '../../errors.ts';
import {
  history,
  readContents,
  readVersion,
  type StoredVersion,
  type Version,
} from '../../storage/versions.ts';
import { type Html, html } from '../html.ts';
import { badge, link, olderLink, table, time } from '../layout.ts';
import { type PageParts, type PageRequest, rowsOfPage } from '../reader.ts';

const stateOf = ({ composes }: Version): Html =>
  composes ? badge('composes', 'good') : badge('does not compose', 'bad');

export const versionRows = (versions: readonly Version[]) =>
  versions.map((version) => [
    html`<a href="${link(`/versions/${version.version}`)}">${version.version}</a>`,
    stateOf(version),
    version.changed.join(', '),
    html`<bdi>${version.author}</bdi>`,
    html`<bdi>${version.message ?? version.commit ?? ''}</bdi>`,
    time(version.publishedAt),
  ]);

export const versionHeads = ['Version', 'State', 'Changed subgraphs', 'Author', 'Message', 'Published'];

/** Lists versions, the newest first. */
export const versionsView = async (
  { database }: PageParts,
  { query, environment }: PageRequest,
): Promise<Html> => {
  const versions = await history(database, { before: query.before, limit: rowsOfPage });
  const before = versions.length < rowsOfPage ? undefined : versions.at(-1)?.version;
  return html`${table('Versions, the newest first', versionHeads, versionRows(versions), 'Nothing was published yet.')}
${olderLink('/versions', environment, before)}`;
};

const changesOf = async (
  { registry, caches }: PageParts,
  { base, version }: Version,
): Promise<readonly Change[]> => {
  if (base === null) return [];
  const key = `${base} ${version}`;
  const changes = caches.changes.get(key) ?? (await registry.diff(base, version));
  caches.changes.set(key, changes);
  return changes;
};

const moods = { breaking: 'bad', dangerous: 'plain', safe: 'good' } as const;

/** Returns a row for each change. */
const changeRows = (changes: readonly Change[]) =>
  changes.map(({ criticality, security, kind, coordinate, message }) => [
    html`${badge(criticality, moods[criticality])}${security ? badge('security', 'bad') : ''}`,
    html`<code>${coordinate}</code>`,
    html`<bdi>${message}</bdi>`,
    html`<code>${kind}</code>`,
  ]);

const problemList = (problems: readonly Problem[]): Html | '' =>
  problems.length === 0
    ? ''
    : html`<h2>Why it does not compose</h2><ul>${problems.map(
        ({ code, message, positions }) =>
          html`<li><code>${code}</code> <bdi>${message}</bdi>${positions.map(
            ({ subgraph, line, column }) => html` <span class="place">${subgraph}:${line}:${column}</span>`,
          )}</li>`,
      )}</ul>`;

const changesPart = async (parts: PageParts, version: StoredVersion): Promise<Html | ''> => {
  if (!version.composes) return '';
  const changes = await changesOf(parts, version);
  const since = version.base === null ? 'It is the first version.' : 'Nothing changes for clients.';
  return html`<h2>Changes for clients</h2>${table(
    version.base === null ? 'Changes' : `Changes since version ${version.base}`,
    ['Severity', 'Place', 'Change', 'Kind'],
    changeRows(changes),
    since,
  )}`;
};

/** Shows one version with its changes, its problems and its SDL. @throws RegistryError NOT_FOUND */
export const versionView = async (parts: PageParts, { number }: PageRequest): Promise<Html> => {
  const version = await readVersion(parts.database, number ?? 0);
  const contents = await readContents(parts.database, version.subgraphs);
  const changes = await changesPart(parts, version).catch((error: unknown) => {
    if (error instanceof RegistryError) return html`<p class="bad">${error.message}</p>`;
    throw error;
  });
  return html`<p>${stateOf(version)} Published by <bdi>${version.author}</bdi>, ${time(version.publishedAt)}.</p>
${version.message === null ? '' : html`<p><bdi>${version.message}</bdi></p>`}
${version.commit === null ? '' : html`<p>Commit <code>${version.commit}</code></p>`}
${version.composes ? html`<p><a href="${link('/graph', { version: version.version })}">Graph of this version</a></p>` : ''}
${problemList(version.problems)}${changes}
<h2>Subgraphs</h2>${contents.map(
    ({ name, address, sdl }) =>
      html`<details><summary><strong>${name}</strong>${version.changed.includes(name) ? badge('changed', 'plain') : ''} <code>${address}</code></summary>
<pre tabindex="0"><code>${sdl}</code></pre></details>`,
  )}`;
};
