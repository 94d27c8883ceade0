import { type LaunchState, launchStates } from '../../storage/gateways.ts';
import { type Html, html } from '../html.ts';
import { badge, link, table, time } from '../layout.ts';
import { type PageParts, type PageRequest, rowsOfPage } from '../reader.ts';

/** Answers of gateways that are shown of each launch. */
const maxAnswers = 20;

export const launchState = ({ done, missing, answers }: LaunchState): Html => {
  const refused = answers.filter(({ outcome }) => outcome === 'refused').length;
  if (refused > 0) return badge(`refused by ${refused}`, 'bad');
  if (done === undefined) return badge('replaced', 'plain');
  return done ? badge('done', 'good') : badge(`waits for ${missing.length}`, 'plain');
};

const answersOf = ({ answers, missing }: LaunchState): Html => {
  const refusals = answers.filter(({ outcome }) => outcome === 'refused');
  const served = answers.length - refusals.length;
  return html`<p>served by ${served}</p>${
    refusals.length === 0
      ? ''
      : html`<ul>${refusals
          .slice(0, maxAnswers)
          .map(({ gateway, reason }) => html`<li>${gateway}: <bdi>${reason}</bdi></li>`)}</ul>`
  }${missing.length === 0 ? '' : html`<p>missing: ${missing.slice(0, maxAnswers).join(', ')}</p>`}`;
};

/** Lists the launches of an environment, the newest first, with the answers of its gateways. */
export const launchesView = async ({ database }: PageParts, { environment }: PageRequest): Promise<Html> => {
  const launches = environment === undefined ? [] : await launchStates(database, environment, rowsOfPage);
  return table(
    'Launches, the newest first',
    ['Launch', 'Version', 'State', 'Gateways', 'Action', 'Author', 'Reason', 'Time'],
    launches.map((launch) => [
      launch.launch,
      html`<a href="${link(`/versions/${launch.version}`)}">${launch.version}</a>`,
      launchState(launch),
      answersOf(launch),
      launch.action,
      html`<bdi>${launch.author}</bdi>`,
      html`<bdi>${launch.reason}</bdi>`,
      time(launch.createdAt),
    ]),
    'Nothing was delivered yet.',
  );
};
