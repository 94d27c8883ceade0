import { wholeNumber } from '@rookery/command-line';
import type { LaunchState } from '@rookery/registry-protocol';
import type { RegistryClient } from '../registry-client/client.ts';
import { awaitLaunch, type Launched } from '../registry-client/launches.ts';
import type { CommandResult } from './command.ts';

export const waitUsage =
  '  --wait SECONDS        wait until every gateway that runs has answered the launch, and fail if one refuses it';

const actions = { promote: 'promoted', rollback: 'rolled back' } as const;

/** Returns a launch as one line. */
export const launchText = ({
  launch,
  environment,
  version,
  action,
  author,
  createdAt,
}: Omit<Launched, 'created'>): string =>
  `launch ${launch} of ${environment}: version ${version}, ${actions[action]} by ${author}, ${createdAt}`;

/** Returns the answers of the gateways, one line each. */
export const answerLines = ({ answers, missing }: LaunchState): string[] => [
  ...answers.map(
    ({ gateway, outcome, reason }) =>
      `  ${outcome.padEnd(7)} ${gateway}${reason === null ? '' : `: ${reason}`}`,
  ),
  ...missing.map((gateway) => `  waiting ${gateway}`),
  ...(answers.length + missing.length === 0 ? ['  no gateway runs'] : []),
];

/**
 * Returns a launch as the result of the command that began it, with the answers of the gateways if it was to wait.
 * @param waitMs undefined if it was not
 * @throws CommandError
 */
export const launchResult = async (
  registry: RegistryClient,
  launched: Launched,
  waitMs: number | undefined,
): Promise<CommandResult> => {
  const already = launched.created ? '' : ' (delivered before)';
  const text = `${launchText(launched)}${already}`;
  if (waitMs === undefined) return { text, data: { launch: launched } };
  const { state, failures } = await awaitLaunch(registry, launched.launch, waitMs);
  return {
    text: [text, ...(state === undefined ? [] : answerLines(state))].join('\n'),
    data: { launch: { ...launched, ...state } },
    failures,
  };
};

/** Reads the seconds of --wait as milliseconds; undefined without it. @throws UsageError */
export const readWait = (wait: string | undefined): number | undefined =>
  wait === undefined ? undefined : wholeNumber('wait', wait, 1, 86_400) * 1_000;
