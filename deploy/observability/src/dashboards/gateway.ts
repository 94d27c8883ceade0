import { by, type Dashboard, quantiles, rateBy } from './dashboard.ts';

export const gateway: Dashboard = {
  name: 'gateway',
  title: 'Rookery: gateway',
  about: 'Operations and clients, subgraphs, plans, limits and subscriptions.',
  sections: [
    {
      title: 'Operations and clients',
      panels: [
        {
          title: 'Operations by name',
          about: 'The ten that are asked most. Names are labels once they were used twenty times.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'topk(10, sum by (operation) (rate(rookery_gateway_operation_seconds_count[$window])))',
              legend: '{{operation}}',
            },
          ],
        },
        {
          title: 'Slowest operations, p99',
          about: 'The ten slowest by name.',
          unit: 'seconds',
          queries: [
            {
              expr: 'topk(10, histogram_quantile(0.99, sum by (le, operation) (rate(rookery_gateway_operation_seconds_bucket[$window]))))',
              legend: '{{operation}}',
            },
          ],
        },
        {
          title: 'Operations by client',
          about: 'The ten clients that ask most, by the name that they send.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'topk(10, sum by (client) (rate(rookery_gateway_client_operations_total[$window])))',
              legend: '{{client}}',
            },
          ],
        },
        {
          title: 'Operations by code',
          about: 'OK, or the code of the first error.',
          unit: 'perSecond',
          queries: [rateBy('rookery_gateway_requests_total', 'code')],
        },
      ],
    },
    {
      title: 'Subgraphs',
      panels: [
        {
          title: 'Subgraphs that answer',
          about: '0 if a gateway does not reach the subgraph.',
          unit: 'count',
          queries: [by('min', 'rookery_gateway_subgraph_up', 'subgraph')],
        },
        {
          title: 'Fetches',
          about: 'Fetches by subgraph and outcome.',
          unit: 'perSecond',
          queries: [rateBy('rookery_gateway_subgraph_seconds_count', 'subgraph', 'outcome')],
        },
        {
          title: 'Time of a fetch',
          about: 'From a fetch to the answer of the subgraph.',
          unit: 'seconds',
          queries: quantiles('rookery_gateway_subgraph_seconds', 'subgraph'),
        },
        {
          title: 'Retries and refusals',
          about:
            'Calls that were repeated, and calls that a policy ended: breaker open, bulkhead full, too late.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'sum by (policy) (rate(rookery_policy_retries_total[$window]))',
              legend: 'retry {{policy}}',
            },
            {
              expr: 'sum by (policy, why) (rate(rookery_policy_refusals_total[$window]))',
              legend: '{{why}} {{policy}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Plans and limits',
      panels: [
        {
          title: 'Plans from the cache',
          about:
            'Share of operations whose plan was there. It falls when the supergraph or the operations of clients change.',
          unit: 'ratio',
          queries: [
            {
              expr: 'sum(rate(rookery_gateway_plans_total{cache="hit"}[$window])) / sum(rate(rookery_gateway_plans_total[$window]))',
              legend: 'hits',
            },
          ],
        },
        {
          title: 'Joined queries and fetches',
          about: 'Answered by an equal one that was under way for the same viewer.',
          unit: 'perSecond',
          queries: [
            {
              expr: 'sum(rate(rookery_gateway_joined_queries_total[$window]))',
              legend: 'queries',
            },
            rateBy('rookery_gateway_joined_fetches_total', 'subgraph'),
          ],
        },
        {
          title: 'Limited and refused operations',
          about: 'Rate limits, and operations over a limit or against the schema.',
          unit: 'perSecond',
          queries: [
            rateBy(
              'rookery_gateway_requests_total{code=~"RATE_LIMITED|GRAPHQL_VALIDATION_FAILED|GRAPHQL_PARSE_FAILED|BAD_REQUEST|HTTP_4.."}',
              'code',
            ),
          ],
        },
        {
          title: 'Supergraphs',
          about: 'Supergraphs that came: replaced the one before, refused, or unreachable.',
          unit: 'count',
          queries: [by('sum', 'increase(rookery_gateway_supergraphs_total[$window])', 'outcome')],
        },
      ],
    },
    {
      title: 'Subscriptions',
      panels: [
        {
          title: 'Open connections and subscriptions',
          about: 'Sockets, streams over HTTP, and the subscriptions on them.',
          unit: 'count',
          queries: [
            { expr: 'sum(rookery_gateway_sockets)', legend: 'sockets' },
            { expr: 'sum(rookery_gateway_event_streams)', legend: 'streams' },
            { expr: 'sum(rookery_gateway_subscriptions)', legend: 'subscriptions' },
            {
              expr: 'sum by (subgraph) (rookery_gateway_upstream_subscriptions)',
              legend: 'upstream {{subgraph}}',
            },
          ],
        },
        {
          title: 'Live events',
          about: 'Events that were handed to clients.',
          unit: 'perSecond',
          queries: [{ expr: 'sum(rate(rookery_gateway_events_total[$window]))', legend: 'events' }],
        },
        {
          title: 'Time to live delivery',
          about: 'From the acceptance of an item to its delivery to subscribers.',
          unit: 'seconds',
          queries: quantiles('rookery_query_live_delivery_seconds', 'field'),
        },
        {
          title: 'Closed sockets and dropped subscriptions',
          about: 'By close code. 4450 and slow: the client reads too slowly.',
          unit: 'perSecond',
          queries: [
            rateBy('rookery_gateway_sockets_closed_total', 'code'),
            rateBy('rookery_gateway_subscriptions_dropped_total', 'why'),
          ],
        },
      ],
    },
  ],
};
