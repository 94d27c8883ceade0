import { X509Certificate } from 'node:crypto';
import { Counter, Gauge, type Registry, TracedHistogram } from '@rookery/runtime';

/** Seconds; from a cached answer to a subgraph that is given up on. */
const buckets = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export interface GatewayMetrics {
  readonly requests: Counter<'transport' | 'type' | 'code'>;
  readonly requestSeconds: TracedHistogram<'transport' | 'type'>;
  readonly subgraphSeconds: TracedHistogram<'subgraph' | 'outcome'>;
  readonly operationSeconds: TracedHistogram<'operation'>;
  readonly clientOperations: Counter<'client'>;
  readonly errors: Counter<'code'>;
  readonly plans: Counter<'cache'>;
  readonly joinedFetches: Counter<'subgraph'>;
  readonly joinedQueries: Counter;
  readonly drops: Counter<'why'>;
  readonly sockets: Gauge;
  readonly streams: Gauge;
  readonly subscriptions: Gauge;
  readonly supergraphs: Counter<'outcome'>;
  readonly upstreams: Gauge<'subgraph'>;
  readonly events: Counter;
  readonly socketsClosed: Counter<'code'>;
}

export const gatewayMetrics = (registry: Registry): GatewayMetrics => {
  const registers = [registry];
  return {
    requests: new Counter({
      name: 'rookery_gateway_requests_total',
      help: 'operations answered, by the code of the first error or OK',
      labelNames: ['transport', 'type', 'code'],
      registers,
    }),
    requestSeconds: new TracedHistogram({
      name: 'rookery_gateway_request_seconds',
      help: 'time from an operation to its answer',
      labelNames: ['transport', 'type'],
      buckets,
      registers,
    }),
    subgraphSeconds: new TracedHistogram({
      name: 'rookery_gateway_subgraph_seconds',
      help: 'time from a fetch to the answer of the subgraph',
      labelNames: ['subgraph', 'outcome'],
      buckets,
      registers,
    }),
    operationSeconds: new TracedHistogram({
      name: 'rookery_gateway_operation_seconds',
      help: 'time from an operation to its answer, by the name of the operations that are asked most',
      labelNames: ['operation'],
      buckets,
      registers,
    }),
    clientOperations: new Counter({
      name: 'rookery_gateway_client_operations_total',
      help: 'operations answered, by the name of the clients that ask most',
      labelNames: ['client'],
      registers,
    }),
    errors: new Counter({
      name: 'rookery_gateway_errors_total',
      help: 'errors in answers, by code',
      labelNames: ['code'],
      registers,
    }),
    plans: new Counter({
      name: 'rookery_gateway_plans_total',
      help: 'operations whose plan was there (hit) or had to be made (miss)',
      labelNames: ['cache'],
      registers,
    }),
    joinedFetches: new Counter({
      name: 'rookery_gateway_joined_fetches_total',
      help: 'fetches that were answered by an equal one under way for the same viewer',
      labelNames: ['subgraph'],
      registers,
    }),
    joinedQueries: new Counter({
      name: 'rookery_gateway_joined_queries_total',
      help: 'queries that were answered by an equal one under way for the same viewer',
      registers,
    }),
    supergraphs: new Counter({
      name: 'rookery_gateway_supergraphs_total',
      help: 'supergraphs that came: replaced the one before, refused, or unreachable at their source',
      labelNames: ['outcome'],
      registers,
    }),
    ...liveMetrics(registers),
  };
};

/** Metrics of connections and of the events on them. */
const liveMetrics = (registers: Registry[]) => ({
  drops: new Counter({
    name: 'rookery_gateway_subscriptions_dropped_total',
    help: 'subscriptions ended because their client reads too slowly',
    labelNames: ['why'],
    registers,
  }),
  sockets: new Gauge({ name: 'rookery_gateway_sockets', help: 'WebSockets that are open', registers }),
  streams: new Gauge({
    name: 'rookery_gateway_event_streams',
    help: 'streams over HTTP that are open, as Server-Sent Events or multipart',
    registers,
  }),
  subscriptions: new Gauge({
    name: 'rookery_gateway_subscriptions',
    help: 'subscriptions that clients have open',
    registers,
  }),
  upstreams: new Gauge({
    name: 'rookery_gateway_upstream_subscriptions',
    help: 'subscriptions that the gateway has open at subgraphs',
    labelNames: ['subgraph'],
    registers,
  }),
  events: new Counter({
    name: 'rookery_gateway_events_total',
    help: 'live events handed to clients',
    registers,
  }),
  socketsClosed: new Counter({
    name: 'rookery_gateway_sockets_closed_total',
    help: 'WebSockets closed, by close code',
    labelNames: ['code'],
    registers,
  }),
});

/** Registers the end of a certificate's validity, which has no sample without TLS. Returns what each new certificate is given to. */
export const watchCertificate = (registry: Registry): ((pem: Buffer) => void) => {
  const gauge = new Gauge({
    name: 'rookery_gateway_certificate_not_after_seconds',
    help: 'end of the validity of the certificate that is served, in seconds since the epoch; no sample without TLS',
    registers: [registry],
  });
  gauge.remove();
  return (pem) => gauge.set(Date.parse(new X509Certificate(pem).validTo) / 1_000);
};

/** Asks every subgraph for a sign of life when somebody reads the metrics. */
export const watchSubgraphs = (
  registry: Registry,
  subgraphs: () => ReadonlyMap<string, { isUp(): Promise<boolean> }>,
): Gauge<'subgraph'> =>
  new Gauge({
    name: 'rookery_gateway_subgraph_up',
    help: '1 if the subgraph answers, 0 if it does not',
    labelNames: ['subgraph'],
    registers: [registry],
    async collect() {
      const states = await Promise.all(
        [...subgraphs()].map(async ([name, subgraph]) => [name, await subgraph.isUp()] as const),
      );
      // A subgraph that left the supergraph is no longer reported.
      this.reset();
      for (const [subgraph, isUp] of states) this.set({ subgraph }, isUp ? 1 : 0);
    },
  });
