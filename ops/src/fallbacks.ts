import type { StoreReplicaStatus } from '@rookery/event-store';
import type { QueueReplicaStatus } from '@rookery/message-queue';
import type { OpsConfig } from './environment.ts';
import { metricOf, metricsAt } from './metric.ts';
import { reach } from './reach.ts';
import { type Fallback, noFallback, readStandbys } from './standbys.ts';
import type { Stores } from './stores.ts';
import { storeReplicas } from './whole-store.ts';

/**
 * Returns the state of each fallback and the number of dead letters. The preferred side of a pair is up or
 * DOWN; its fallback is ready, IN USE or DOWN, and standby documents are FILLING until they are complete.
 */
export const readFallbacks = async (config: OpsConfig, stores: Stores): Promise<Fallback[]> => {
  const [queues, lines, deadLetters] = await Promise.all([
    queueRows(config, stores),
    storeReplicas(config, stores),
    stores.eventStore.deadLetters(10_000).catch(() => undefined),
  ]);
  const heads = lines.flatMap(({ current, head }) => (current && head !== undefined ? [head] : []));
  return [
    ...queues,
    ...storeRows(lines, config.EVENT_STORE_BACKUP_URL !== undefined),
    ...(await readStandbys(config, heads.length > 0 ? Math.max(...heads) : undefined)),
    {
      name: 'dead letters',
      state: deadLetters === undefined ? 'unknown' : String(deadLetters.length),
      about: deadLetters?.length ? 'ops dead-letters list' : '',
      well: deadLetters?.length === 0,
    },
  ];
};

const queueRows = async (config: OpsConfig, { queue }: Stores): Promise<Fallback[]> => {
  if (config.NATS_REDUNDANT_URL === undefined) return [noFallback('second queue', 'NATS_REDUNDANT_URL')];
  // A connection that was just opened needs a moment to report that it is up.
  await reach(async () => {
    if (queue.replicas().some(({ up }) => !up)) throw new Error('not connected');
  });
  // The view of the process that publishes mutations counts.
  const metrics = metricsAt(config.MUTATION_URL, config.MUTATION_METRICS_PORT);
  const firstUp = await metricOf(metrics, 'rookery_queue_up', { queue: 'first' });
  const fallbacks = await metricOf(metrics, 'rookery_queue_fallback_events', { queue: 'second' });
  const [first, second] = queue.replicas() as [QueueReplicaStatus, QueueReplicaStatus];
  const used = firstUp === undefined ? !first.up : firstUp === 0;
  return [
    { name: 'first queue', state: first.up ? 'up' : 'DOWN', about: '', well: first.up },
    {
      name: 'second queue',
      state: !second.up ? 'DOWN' : used ? 'IN USE' : 'ready',
      about: fallbacks ? `${fallbacks} events went there since the mutation subgraph started` : '',
      well: second.up && !used,
    },
  ];
};

const storeRows = (lines: readonly StoreReplicaStatus[], two: boolean): Fallback[] => {
  if (!two) return [noFallback('backup store', 'EVENT_STORE_BACKUP_URL')];
  const primary = lines.find(({ name }) => name === 'primary');
  return lines.map(({ name, up, current, head, term }) => {
    const used = name === 'backup' && current && !primary?.current;
    const whole = name === 'primary' ? 'up' : used ? 'IN USE' : 'ready';
    return {
      name: `${name} store`,
      state: !up ? 'DOWN' : current ? whole : 'BEHIND',
      about: `head ${head ?? 'unknown'}, term ${term ?? 'unknown'}`,
      well: up && current && !used,
    };
  });
};
