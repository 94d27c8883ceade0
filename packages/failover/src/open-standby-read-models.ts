import type { Config, SettingName } from '@rookery/runtime';
import type { StandbyConsumer, StandbyOptions, StandbyProjection } from './standby-read-models.ts';

export type { StandbyWatch } from './standby-read-models.ts';

/** Settings of the standby read models. */
export const standbySettings = [
  'DOCUMENTS_STANDBY_URL',
  'REDIS_STANDBY_URL',
] as const satisfies readonly SettingName[];

export type StandbyConfig = Config<(typeof standbySettings)[number]>;

/**
 * Feeds the configured standbys. Their code is loaded only if one is configured.
 * @param resources receives the consumers and the standbys' stores
 */
export const startConfiguredStandbys = async <P extends StandbyProjection>(
  config: StandbyConfig & StandbyOptions<P>['config'],
  options: Omit<StandbyOptions<P>, 'config'>,
  resources: AsyncDisposableStack,
): Promise<readonly StandbyConsumer[]> => {
  if (config.DOCUMENTS_STANDBY_URL === undefined && config.REDIS_STANDBY_URL === undefined) return [];
  const { startStandbys } = await import('./standby-read-models.ts');
  return startStandbys({ config, ...options }, resources);
};
