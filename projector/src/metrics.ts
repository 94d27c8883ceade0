import { Counter, Gauge, Histogram, type Registry } from '@rookery/runtime';

/** Creates the metrics of the projector, each labeled by projection. */
export const createProjectorMetrics = (registry: Registry) => {
  const labelNames = ['projection'] as const;
  const registers = [registry];
  return {
    applied: new Counter({
      name: 'rookery_projector_applied_total',
      help: 'Events applied.',
      labelNames,
      registers,
    }),
    failures: new Counter({
      name: 'rookery_projector_failures_total',
      help: 'Failed attempts, by cause: the event or a store.',
      labelNames: ['projection', 'reason'] as const,
      registers,
    }),
    deadLetters: new Counter({
      name: 'rookery_projector_dead_letters_total',
      help: 'Events that became dead letters after their last attempt.',
      labelNames,
      registers,
    }),
    lag: new Gauge({
      name: 'rookery_projector_lag_events',
      help: 'Recorded events that are not applied yet.',
      labelNames,
      registers,
    }),
    rate: new Gauge({
      name: 'rookery_projector_events_per_second',
      help: 'Events by which the position has risen each second lately.',
      labelNames,
      registers,
    }),
    secondsLeft: new Gauge({
      name: 'rookery_projector_catch_up_seconds',
      help: 'Time until the events that are not applied yet are, at the present rate.',
      labelNames,
      registers,
    }),
    position: new Gauge({
      name: 'rookery_projector_position',
      help: 'Position up to which everything has been applied.',
      labelNames,
      registers,
    }),
    stopped: new Gauge({
      name: 'rookery_projector_stopped',
      help: '1 if the projection has stopped at an event that this build does not know.',
      labelNames,
      registers,
    }),
    batch: new Histogram({
      name: 'rookery_projector_batch_seconds',
      help: 'From the arrival of a batch to its acknowledgement.',
      labelNames,
      buckets: [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10],
      registers,
    }),
    age: new Histogram({
      name: 'rookery_projector_event_age_seconds',
      help: 'From the acceptance of an event to its application, in seconds.',
      labelNames,
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
      registers,
    }),
    missed: new Counter({
      name: 'rookery_projector_feeds_missed_total',
      help: 'Batches that Redis did not accept; each one invalidates all feeds.',
      registers,
    }),
  };
};

export type ProjectorMetrics = ReturnType<typeof createProjectorMetrics>;
