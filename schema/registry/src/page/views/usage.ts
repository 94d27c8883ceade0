import type { CoordinateUsage } from '../../compose/messages.ts';
import { RegistryError } from '../../errors.ts';
import { busiestClients, type ClientRequests, requestsByDay } from '../../storage/usage-summary.ts';
import { coordinatesOf } from '../../usage.ts';
import { barChart, count, dayChart } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { table, time } from '../layout.ts';
import { lastDays, type PageParts, type PageRequest } from '../reader.ts';

/** Bars of each chart, rows of each table, and names of unused elements. */
const [maxBars, maxRows, maxUnused] = [12, 500, 2_000];
const maxClients = 8;

const coordinates = async (
  { database, composer, caches }: PageParts,
  environment: string,
): Promise<readonly CoordinateUsage[]> => {
  const known = caches.coordinates.get(environment);
  if (known !== undefined) return known;
  try {
    const found = await coordinatesOf(database, composer, environment, lastDays());
    caches.coordinates.set(environment, found);
    return found;
  } catch (error) {
    // Nothing was delivered: there is no schema whose fields could be used.
    if (error instanceof RegistryError && error.code === 'NOT_FOUND') return [];
    throw error;
  }
};

const nameOf = ({ name, version }: Pick<ClientRequests, 'name' | 'version'>): string =>
  version === null ? name : `${name} ${version}`;

const clientPart = (clients: readonly ClientRequests[]): Html => html`<h2>Clients</h2>
${barChart(
  'Requests by client',
  clients.slice(0, maxBars).map((client) => ({ label: nameOf(client), value: client.count })),
)}
${table(
  'Clients, the busiest first',
  ['Client', 'Version', 'Requests', 'Failed', 'Last use'],
  clients.map((client) => [
    html`<bdi>${client.name}</bdi>`,
    html`<bdi>${client.version}</bdi>`,
    count(client.count),
    count(client.errors),
    time(client.lastSeen),
  ]),
  'No request was reported yet.',
)}`;

const fieldPart = (all: readonly CoordinateUsage[]): Html => {
  const used = all.filter((one) => one.count > 0).toSorted((a, b) => b.count - a.count);
  const unused = all.filter((one) => one.count === 0);
  const more = unused.length - maxUnused;
  return html`<h2>Fields, arguments, input fields and enum values</h2>
${barChart(
  'Requests by field',
  used.slice(0, maxBars).map((one) => ({ label: one.coordinate, value: one.count })),
)}
<p><label for="filter">Show those with</label> <input id="filter" type="search" data-filter="fields"></p>
<div id="fields">${table(
    `Used elements, the busiest first${used.length > maxRows ? `; ${maxRows} of ${used.length}` : ''}`,
    ['Element', 'Requests', 'Clients', 'Last use'],
    used
      .slice(0, maxRows)
      .map(({ coordinate, count: requests, clients, lastSeen }) => [
        html`<code>${coordinate}</code>`,
        count(requests),
        html`<bdi>${clients.slice(0, maxClients).join(', ')}${clients.length > maxClients ? ` and ${clients.length - maxClients} more` : ''}</bdi>`,
        time(lastSeen),
      ]),
    'Nothing that is delivered was used.',
  )}</div>
<details><summary>${unused.length} that nobody used</summary><ul class="columns">${unused
    .slice(0, maxUnused)
    .map(
      ({ coordinate }) => html`<li><code>${coordinate}</code></li>`,
    )}</ul>${more > 0 ? html`<p>${more} more are in the answer of the API.</p>` : ''}</details>`;
};

/** Shows the usage of 30 days by day, client and field. */
export const usageView = async (parts: PageParts, { environment }: PageRequest): Promise<Html> => {
  if (environment === undefined) return html`<p class="nothing">There is no environment yet.</p>`;
  const window = lastDays();
  const [days, clients, fields] = await Promise.all([
    requestsByDay(parts.database, environment, window),
    busiestClients(parts.database, environment, window, maxRows),
    coordinates(parts, environment),
  ]);
  const all = days.reduce((sum, day) => sum + day.count, 0);
  return html`<p>${count(all)} requests in 30 days.</p>
${dayChart('Requests by day, with those that failed', days)}${clientPart(clients)}${fieldPart(fields)}`;
};
