import { listChecks } from '../../storage/checks.ts';
import { launchStates } from '../../storage/gateways.ts';
import { requestsByDay } from '../../storage/usage-summary.ts';
import { history } from '../../storage/versions.ts';
import { dayChart } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { link, table, time } from '../layout.ts';
import { lastDays, type PageParts, type PageRequest } from '../reader.ts';
import { checkHeads, checkRows } from './checks.ts';
import { launchState } from './launches.ts';
import { versionHeads, versionRows } from './versions.ts';

const rows = 5;

const environmentPart = async ({ database }: PageParts, environment: string): Promise<Html> => {
  const [[launch], checks, days] = await Promise.all([
    launchStates(database, environment, 1),
    listChecks(database, environment, { limit: rows }),
    requestsByDay(database, environment, lastDays()),
  ]);
  return html`<h2>${environment}</h2>
${
  launch === undefined
    ? html`<p class="nothing">Nothing was delivered yet.</p>`
    : html`<p>Serves <a href="${link(`/versions/${launch.version}`)}">version ${launch.version}</a> since ${time(launch.createdAt)}.
Launch ${launch.launch}: ${launchState(launch)}</p>`
}
<h3>Requests of 30 days</h3>${dayChart('Requests by day', days)}
<h3>Latest checks</h3>${table(`Latest checks`, checkHeads, checkRows(checks), 'No check ran yet.')}`;
};

/** Shows what an environment serves, and what happened last. */
export const overviewView = async (parts: PageParts, { environment }: PageRequest): Promise<Html> => {
  const versions = await history(parts.database, { limit: rows });
  return html`${environment === undefined ? '' : await environmentPart(parts, environment)}
<h2>Latest versions</h2>${table('Latest versions', versionHeads, versionRows(versions), 'Nothing was published yet.')}`;
};
