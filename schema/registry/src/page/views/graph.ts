import { RegistryError } from '../../errors.ts';
import { currentLaunch } from '../../storage/launches.ts';
import { headOf, readVersion } from '../../storage/versions.ts';
import { graphChart } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { link, table } from '../layout.ts';
import type { PageParts, PageRequest } from '../reader.ts';

/** Types that are drawn; all are in the table. */
const maxDrawn = 60;

/** Returns the version that is shown: the given one, what the environment serves, or the newest that composes. */
const chosenVersion = async (
  { database }: PageParts,
  { query, environment }: PageRequest,
): Promise<number | undefined> => {
  if (query.version !== undefined) return query.version;
  const launch =
    environment === undefined
      ? undefined
      : await database.read((client) => currentLaunch(client, environment));
  return launch?.version ?? (await database.read((client) => headOf(client)))?.version;
};

/** Shows the subgraphs of a version, and the types that they share. @throws RegistryError NOT_FOUND or CONFLICT */
export const graphView = async (parts: PageParts, request: PageRequest): Promise<Html> => {
  const number = await chosenVersion(parts, request);
  if (number === undefined) return html`<p class="nothing">Nothing was published yet.</p>`;
  const known = parts.caches.graphs.get(number);
  const { supergraph } =
    known === undefined ? await readVersion(parts.database, number) : { supergraph: null };
  if (known === undefined && supergraph === null)
    throw new RegistryError('CONFLICT', `Version ${number} does not compose, so it has no graph.`);
  const graph = known ?? (await parts.composer.graph(supergraph ?? ''));
  parts.caches.graphs.set(number, graph);
  const drawn = graph.shared.slice(0, maxDrawn);
  const more = graph.shared.length - drawn.length;
  return html`<p><a href="${link(`/versions/${number}`)}">Version ${number}</a> has ${graph.subgraphs.length === 1 ? '1 subgraph' : `${graph.subgraphs.length} subgraphs`}, and
${graph.shared.length === 1 ? '1 type' : `${graph.shared.length} types`} that several of them define. An entity is a type whose fields come from several subgraphs by its key.</p>
${graphChart(graph, drawn)}
${more > 0 ? html`<p>${more} more types are in the table.</p>` : ''}
<h2>Subgraphs</h2>${table(
    'Subgraphs',
    ['Subgraph', 'Types'],
    graph.subgraphs.map(({ name, types }) => [name, types]),
    'There is no subgraph.',
  )}
<h2>Shared types</h2>${table(
    'Shared types',
    ['Type', 'Kind', 'Subgraphs'],
    graph.shared.map(({ name, kind, isEntity, subgraphs }) => [
      html`<code>${name}</code>`,
      isEntity ? `${kind}, entity` : kind,
      subgraphs.join(', '),
    ]),
    'No type is shared.',
  )}`;
};
