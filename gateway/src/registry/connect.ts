import type { Logger } from '@rookery/runtime';
import type { SupergraphSource } from '../supergraph/source.ts';
import type { RegistryAccess } from './access.ts';
import { LaunchListener } from './launch-listener.ts';
import { LaunchReports } from './launch-reports.ts';

/** Connects the gateway to the registry: it hears of launches, and tells how each one ended. */
export const connectRegistry = (
  access: RegistryAccess | undefined,
  source: SupergraphSource | undefined,
  log: Logger,
  resources: AsyncDisposableStack,
): LaunchReports | undefined => {
  if (access === undefined) return undefined;
  const { environment, natsUrl: url } = access;
  if (url !== undefined && source !== undefined)
    resources.use(new LaunchListener({ url, environment, onLaunch: () => source.lookNow(), log }));
  return resources.use(new LaunchReports(access, log));
};
