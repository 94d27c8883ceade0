/** A service level objective over 30 days, measured by the share of bad events. */
export interface Slo {
  /** Kebab case; the label `slo` of its series. */
  readonly name: string;
  /** Good events, in words. */
  readonly about: string;
  /** Share of events that must be good. */
  readonly objective: number;
  /** Rates of all and of bad events in PromQL, over a window such as `5m`. */
  readonly total: (window: string) => string;
  readonly bad: (window: string) => string;
}

/** Codes that are faults of the platform; all others are answers to what the client did. */
const faults = 'SERVICE_UNAVAILABLE|INTERNAL_SERVER_ERROR|HTTP_5..';

const ofOperations = (types: string) => ({
  total: (window: string) => `sum(rate(rookery_gateway_requests_total{type=~"${types}"}[${window}]))`,
  // Without a bad event there is no series of them.
  bad: (window: string) =>
    `(sum(rate(rookery_gateway_requests_total{type=~"${types}",code=~"${faults}"}[${window}])) or vector(0))`,
});

/**
 * Counts what took longer as bad. The limit must be a bucket of the histogram, which Prometheus 2 calls `5` as the processes do,
 * and Prometheus 3 `5.0`.
 */
const withinSeconds = (histogram: string, matchers: string, seconds: number) => {
  const total = (window: string) => `sum(rate(${histogram}_count{${matchers}}[${window}]))`;
  return {
    total,
    bad: (window: string) =>
      `(${total(window)} - sum(rate(${histogram}_bucket{${matchers},le=~"${seconds}([.]0)?"}[${window}])))`,
  };
};

export const slos: readonly Slo[] = [
  {
    name: 'read-availability',
    about: 'queries that are not answered with a fault of the platform',
    objective: 0.999,
    ...ofOperations('query|unknown'),
  },
  {
    name: 'write-acceptance',
    about: 'mutations that are not answered with a fault of the platform',
    objective: 0.999,
    ...ofOperations('mutation'),
  },
  {
    name: 'accept-to-feed',
    about: 'events that reach the feeds within 5 s of their acceptance',
    objective: 0.99,
    ...withinSeconds('rookery_projector_event_age_seconds', 'projection="feeds"', 5),
  },
  {
    name: 'live-delivery',
    about: 'items that are delivered live within 5 s of their acceptance',
    objective: 0.99,
    ...withinSeconds('rookery_query_live_delivery_seconds', 'field=~"friendsFeed|friendsFeedEvents"', 5),
  },
];

/** Pairs of windows after https://sre.google/workbook/alerting-on-slos/: both must burn the budget so much faster. */
export const burns = {
  /** 2 % of the budget of 30 days in an hour, or 5 % in six hours. */
  fast: [
    { long: '1h', short: '5m', factor: 14.4 },
    { long: '6h', short: '30m', factor: 6 },
  ],
  /** 10 % in a day or in three days. */
  slow: [
    { long: '1d', short: '2h', factor: 3 },
    { long: '3d', short: '6h', factor: 1 },
  ],
} as const;

/**
 * Bad events in the longer window from which on an alert may fire. With little traffic one bad event is a large share, and says
 * nothing; an outage brings so many within minutes, unless hardly anybody is there.
 */
export const minimumBad = 10;

type LongWindow = (typeof burns)[keyof typeof burns][number]['long'];

/** The longer windows of the pairs, with their seconds. */
export const longWindows: Readonly<Record<LongWindow, number>> = {
  '1h': 3_600,
  '6h': 21_600,
  '1d': 86_400,
  '3d': 259_200,
};

/** All windows of the burn rates. */
export const windows = [
  ...new Set([...burns.fast, ...burns.slow].flatMap(({ long, short }) => [short, long])),
] as const;
