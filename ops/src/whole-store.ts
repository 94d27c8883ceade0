import type { StoreReplicaStatus, StoreTerm } from '@rookery/event-store';
import type { OpsConfig } from './environment.ts';
import { reach } from './reach.ts';
import type { Stores } from './stores.ts';

const away = (name: StoreReplicaStatus['name']): StoreReplicaStatus => ({
  name,
  up: false,
  current: false,
  head: undefined,
  term: undefined,
});

/**
 * Returns the state of both event store servers as they report it, corrected by the term in the queue: if one
 * is down, only the queue knows whether it is the newer one.
 */
export const storeReplicas = async (
  config: OpsConfig,
  { eventStore, queue }: Stores,
): Promise<readonly StoreReplicaStatus[]> => {
  const lines = await eventStore.replicas().catch(() => [away('primary'), away('backup')]);
  if (config.EVENT_STORE_BACKUP_URL === undefined) return lines;
  // A connection that was just opened needs a moment.
  await reach(() => queue.ping());
  const known = await queue
    .fencingTokenStore<StoreTerm>('event-store')
    .read()
    .catch(() => undefined);
  return lines.map((line) =>
    known && known.current !== 'both' && known.current !== line.name ? { ...line, current: false } : line,
  );
};

/**
 * Returns the complete event store: the primary, or the backup if the primary is down or behind.
 * @throws if neither is known to be complete
 */
export const wholeStore = async (
  config: OpsConfig,
  stores: Stores,
): Promise<{ readonly name: StoreReplicaStatus['name']; readonly url: string }> => {
  const { POSTGRES_URL: primary, EVENT_STORE_BACKUP_URL: backup } = config;
  if (backup === undefined) return { name: 'primary', url: primary };
  const whole = (await storeReplicas(config, stores)).find(({ up, current }) => up && current);
  if (!whole) throw new Error('no event store is both complete and available; see ops status');
  return { name: whole.name, url: whole.name === 'primary' ? primary : backup };
};
