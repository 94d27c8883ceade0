import { by, type Dashboard, quantiles, rateBy } from './dashboard.ts';

export const overview: Dashboard = {
  name: 'overview',
  title: 'Rookery: overview',
  about: 'Service levels, alerts, and the golden signals of each process.',
  sections: [
    {
      title: 'Service levels',
      panels: [
        {
          title: 'Burn rate of the error budgets, last hour',
          about: 'At 1 the budget of 30 days lasts 30 days; an alert pages from 14.4.',
          unit: 'count',
          queries: [
            {
              expr: 'rookery:slo_errors:ratio_rate1h / on (slo) rookery:slo_budget:ratio',
              legend: '{{slo}}',
            },
          ],
        },
        {
          title: 'Share of good events, last 3 days',
          about: 'Compare with the objective of each service level.',
          unit: 'ratio',
          queries: [{ expr: '1 - rookery:slo_errors:ratio_rate3d', legend: '{{slo}}' }],
        },
        {
          title: 'Firing alerts',
          about: 'Each alert names its runbook.',
          unit: 'count',
          queries: [by('sum', 'ALERTS{alertstate="firing",alertname!="RookeryWatchdog"}', 'alertname')],
        },
        {
          title: 'Processes that answer',
          about: 'Replicas of each process that Prometheus reaches.',
          unit: 'count',
          queries: [by('sum', 'up{process!=""}', 'process')],
        },
      ],
    },
    {
      title: 'Traffic and errors',
      panels: [
        {
          title: 'Operations',
          about: 'Operations that the gateway answers, by type.',
          unit: 'perSecond',
          queries: [rateBy('rookery_gateway_requests_total', 'type')],
        },
        {
          title: 'Errors',
          about: 'SERVICE_UNAVAILABLE and INTERNAL_SERVER_ERROR are faults of the platform.',
          unit: 'perSecond',
          queries: [rateBy('rookery_gateway_errors_total', 'code')],
        },
        {
          title: 'Commands',
          about: 'Commands by outcome: accepted, or the code of the error.',
          unit: 'perSecond',
          queries: [rateBy('rookery_mutation_commands_total', 'outcome')],
        },
        {
          title: 'Events',
          about: 'Events that the recorder takes from the queue, and that each projection applies.',
          unit: 'perSecond',
          queries: [
            rateBy('rookery_recorder_events_total', 'outcome'),
            rateBy('rookery_projector_applied_total', 'projection'),
          ],
        },
      ],
    },
    {
      title: 'Latency and saturation',
      panels: [
        {
          title: 'Time to answer',
          about: 'From an operation to its answer, at the gateway.',
          unit: 'seconds',
          queries: quantiles('rookery_gateway_request_seconds', 'type'),
        },
        {
          title: 'Time from accept to feed',
          about: 'From the acceptance of an event to its application by the projection of feeds.',
          unit: 'seconds',
          queries: [0.5, 0.99].map((quantile) => ({
            expr: `histogram_quantile(${quantile}, sum by (le) (rate(rookery_projector_event_age_seconds_bucket{projection="feeds"}[$window])))`,
            legend: `p${quantile * 100}`,
          })),
        },
        {
          title: 'CPU',
          about: 'Cores that each process uses; one process uses little more than one.',
          unit: 'count',
          queries: [rateBy('process_cpu_seconds_total', 'process')],
        },
        {
          title: 'Event loop delay, p99',
          about: 'Includes the interval of the samples (100 ms). Above 200 ms something blocks the process.',
          unit: 'seconds',
          queries: [by('max', 'nodejs_eventloop_lag_p99_seconds', 'process')],
        },
      ],
    },
  ],
};
