import { by, type Dashboard, quantiles, rateBy } from './dashboard.ts';

export const readModels: Dashboard = {
  name: 'read-models',
  title: 'Rookery: read models',
  about: 'Lag and health of each projection, and the reads of what they build.',
  sections: [
    {
      title: 'Lag',
      panels: [
        {
          title: 'Lateness',
          about: 'Age of the oldest event that waits for each step.',
          unit: 'seconds',
          queries: [by('max', 'rookery_query_flow_late_seconds', 'step')],
        },
        {
          title: 'Lag',
          about: 'Recorded events that each projection has not applied.',
          unit: 'count',
          queries: [by('max', 'rookery_projector_lag_events', 'projection')],
        },
        {
          title: 'Time to catch up',
          about: 'At the present rate, without new events.',
          unit: 'seconds',
          queries: [by('max', 'rookery_projector_catch_up_seconds', 'projection')],
        },
        {
          title: 'Steps that have stopped',
          about: '1 if nobody works on a step, or if a projection met an event that its build does not know.',
          unit: 'count',
          queries: [
            { expr: 'max by (step) (rookery_query_flow_stopped)', legend: 'nobody: {{step}}' },
            {
              expr: 'max by (projection) (rookery_projector_stopped)',
              legend: 'unknown event: {{projection}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Projections',
      panels: [
        {
          title: 'Applied events',
          about: 'Applied and acknowledged.',
          unit: 'perSecond',
          queries: [rateBy('rookery_projector_applied_total', 'projection')],
        },
        {
          title: 'Time of a batch, p99',
          about: 'From the arrival of a batch to its acknowledgement.',
          unit: 'seconds',
          queries: quantiles('rookery_projector_batch_seconds', 'projection', [0.99]),
        },
        {
          title: 'Age of applied events, p99',
          about: 'From the acceptance of an event to its application.',
          unit: 'seconds',
          queries: quantiles('rookery_projector_event_age_seconds', 'projection', [0.99]),
        },
        {
          title: 'Failures and dead letters',
          about: 'Failed attempts by cause: the event, or a store; and events that became dead letters.',
          unit: 'perSecond',
          queries: [
            rateBy('rookery_projector_failures_total', 'projection', 'reason'),
            {
              expr: 'sum by (projection) (rate(rookery_projector_dead_letters_total[$window]))',
              legend: 'dead letter {{projection}}',
            },
            { expr: 'sum(rate(rookery_projector_feeds_missed_total[$window]))', legend: 'missed by Redis' },
          ],
        },
      ],
    },
    {
      title: 'Reads',
      panels: [
        {
          title: 'Reads by field',
          about: 'Reads of root fields.',
          unit: 'perSecond',
          queries: [rateBy('rookery_query_read_seconds_count', 'field')],
        },
        {
          title: 'Time of a read, p99',
          about: 'By root field.',
          unit: 'seconds',
          queries: quantiles('rookery_query_read_seconds', 'field', [0.99]),
        },
        {
          title: 'Failed and stale reads',
          about: 'Stale answers lack writes of the viewer, because the projections are late.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'sum by (field) (rate(rookery_query_read_seconds_count{outcome="error"}[$window]))',
              legend: 'failed {{field}}',
            },
            { expr: 'sum(rate(rookery_query_stale_total[$window]))', legend: 'stale' },
          ],
        },
        {
          title: 'Friends feeds',
          about: 'Reads by source of the candidates, and feeds that were filled from the documents.',
          unit: 'perSecond',
          queries: [
            rateBy('rookery_query_feed_reads_total', 'source'),
            { expr: 'sum(rate(rookery_query_feed_fills_total[$window]))', legend: 'fills' },
          ],
        },
      ],
    },
    {
      title: 'Stores',
      panels: [
        {
          title: 'Time of a round trip',
          about: 'Of a call of the documents or of Redis, also of one that fails.',
          unit: 'seconds',
          queries: quantiles('rookery_query_store_seconds', 'store'),
        },
        {
          title: 'Round trips',
          about: 'Calls of each store.',
          unit: 'perSecond',
          queries: [rateBy('rookery_query_store_calls_total', 'store')],
        },
        {
          title: 'Rows',
          about: 'Rows that each store returned.',
          unit: 'perSecond',
          queries: [rateBy('rookery_query_store_rows_total', 'store')],
        },
        {
          title: 'Replica that is read',
          about: '1 for the one that is read; standby while the primary is down. Failovers by their target.',
          unit: 'count',
          queries: [
            by('max', 'rookery_query_current_replica', 'replica'),
            {
              expr: 'sum by (to) (increase(rookery_query_failovers_total[$window]))',
              legend: 'failover to {{to}}',
            },
          ],
        },
      ],
    },
  ],
};
