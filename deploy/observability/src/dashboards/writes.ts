import { by, type Dashboard, quantiles, rateBy } from './dashboard.ts';

export const writes: Dashboard = {
  name: 'writes',
  title: 'Rookery: writes',
  about:
    'The way of a write: accepted by the queue, recorded in the event store, relayed to the projections.',
  sections: [
    {
      title: 'Accept',
      panels: [
        {
          title: 'Commands by verb',
          about: 'All commands, whatever their outcome.',
          unit: 'perSecond',
          queries: [rateBy('rookery_mutation_commands_total', 'verb')],
        },
        {
          title: 'Commands that failed',
          about: 'By code of the error.',
          unit: 'perSecond',
          queries: [rateBy('rookery_mutation_commands_total{outcome!="accepted"}', 'outcome')],
        },
        {
          title: 'Time to publish',
          about: 'From handing an event to the queue to its acknowledgement.',
          unit: 'seconds',
          queries: quantiles('rookery_mutation_publish_seconds', undefined),
        },
        {
          title: 'Sessions ended by a reused refresh token',
          about: 'Somebody may have a copy of the token.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'sum(rate(rookery_mutation_refresh_token_reuses_total[$window]))',
              legend: 'sessions',
            },
          ],
        },
      ],
    },
    {
      title: 'Queue',
      panels: [
        {
          title: 'Queues that answer',
          about: '0 if a process does not reach the queue.',
          unit: 'count',
          queries: [by('min', 'rookery_queue_up', 'queue')],
        },
        {
          title: 'Depth',
          about: 'Accepted events that wait for the recorder, or for a projection.',
          unit: 'count',
          queries: [by('max', 'rookery_query_flow_behind_events', 'step')],
        },
        {
          title: 'Share of the size limit',
          about: 'A stream that is full refuses writes; ORDER drops its oldest.',
          unit: 'ratio',
          queries: [
            by('max', 'rookery_queue_stream_bytes / rookery_queue_stream_limit_bytes', 'queue', 'stream'),
          ],
        },
        {
          title: 'Events that went to a fallback',
          about: 'Since the start of each process.',
          unit: 'count',
          queries: [by('sum', 'rookery_queue_fallback_events', 'queue')],
        },
      ],
    },
    {
      title: 'Record',
      panels: [
        {
          title: 'Recorded events',
          about: 'By outcome: recorded, duplicate, rejected, dead letter.',
          unit: 'perSecond',
          queries: [rateBy('rookery_recorder_events_total', 'outcome')],
        },
        {
          title: 'Time to append a batch',
          about: 'One transaction in the event store.',
          unit: 'seconds',
          queries: quantiles('rookery_recorder_append_seconds', undefined),
        },
        {
          title: 'Events that wait',
          about: 'For the recorder, and recorded ones for the relay to RECORDED.',
          unit: 'count',
          queries: [
            { expr: 'max(rookery_recorder_waiting_events)', legend: 'recorder' },
            { expr: 'max(rookery_recorder_relay_lag_events)', legend: 'relay' },
          ],
        },
        {
          title: 'Events in a batch',
          about: 'Mean number. It grows with the load.',
          unit: 'count',
          queries: [
            {
              expr: 'sum(rate(rookery_recorder_batch_events_sum[$window])) / sum(rate(rookery_recorder_batch_events_count[$window]))',
              legend: 'events',
            },
          ],
        },
      ],
    },
    {
      title: 'Event store',
      panels: [
        {
          title: 'Writers and stores',
          about: 'Exactly one recorder writes; each store answers.',
          unit: 'count',
          queries: [
            { expr: 'sum(rookery_recorder_writer)', legend: 'writers' },
            { expr: 'min by (store) (rookery_event_store_up)', legend: '{{store}} answers' },
            { expr: 'max by (store) (rookery_event_store_current)', legend: '{{store}} is current' },
          ],
        },
        {
          title: 'Position',
          about: 'Last position of each store.',
          unit: 'count',
          queries: [by('max', 'rookery_event_store_head_position', 'store')],
        },
        {
          title: 'Dead letters',
          about: 'By the process that could not apply or record them. Any of them needs an operator.',
          unit: 'count',
          queries: [by('max', 'rookery_event_store_dead_letters', 'by')],
        },
        {
          title: 'Last audit',
          about: 'Age of the last audit; passed is 0 if it found a flaw.',
          unit: 'seconds',
          queries: [
            { expr: 'time() - max(rookery_event_store_audited_seconds > 0)', legend: 'age' },
            { expr: 'min(rookery_event_store_audit_passed)', legend: 'passed' },
          ],
        },
      ],
    },
  ],
};
