export const json = 'application/json; charset=utf-8';
export const graphqlResponseJson = 'application/graphql-response+json; charset=utf-8';

interface Range {
  readonly type: string;
  readonly quality: number;
}

/** RFC 9110, section 12.5.1; what can't be read counts for nothing. */
const ranges = (accept: string): Range[] =>
  accept.split(',').map((part) => {
    const [type = '', ...parameters] = part.split(';').map((text) => text.trim().toLowerCase());
    const quality = parameters.find((text) => text.startsWith('q='))?.slice(2);
    return { type, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });

const qualityOf = (type: string, accepted: readonly Range[]): number => {
  const [main] = type.split('/', 1);
  for (const pattern of [type, `${main}/*`, '*/*']) {
    const found = accepted.find((range) => range.type === pattern);
    if (found) return found.quality;
  }
  return 0;
};

/**
 * Returns the content type of the response: application/json if the client states no preference (GraphQL over
 * HTTP, section 6.1). Undefined if it accepts neither.
 */
export const answerType = (accept: string | undefined): string | undefined => {
  if (accept === undefined || accept === '') return json;
  const accepted = ranges(accept);
  const plain = qualityOf('application/json', accepted);
  // By name alone: whoever takes anything may not know what it means.
  const own = accepted.find(({ type }) => type === 'application/graphql-response+json')?.quality ?? 0;
  if (plain === 0 && own === 0) return undefined;
  return own >= plain ? graphqlResponseJson : json;
};

/** Which operations a client wants answered as an event stream. */
export type EventStreamUse = 'none' | 'subscriptions' | 'all';

/**
 * Returns which operations are answered as an event stream.
 *
 * A client that lists `text/event-stream` beside JSON with the same weight (urql does, over POST) can read both: it
 * gets JSON for queries and mutations, because status codes and RateLimit headers are lost in a stream, and events for
 * subscriptions, which have no other form. Negotiator packages break such a tie by the order of the header instead.
 */
export const eventStreamUse = (accept: string | undefined): EventStreamUse => {
  if (!accept?.includes('text/event-stream')) return 'none';
  const accepted = ranges(accept);
  const events = accepted.find(({ type }) => type === 'text/event-stream')?.quality ?? 0;
  if (events === 0) return 'none';
  const asJson = ['application/json', 'application/graphql-response+json'].map((type) =>
    qualityOf(type, accepted),
  );
  return events > Math.max(...asJson) ? 'all' : 'subscriptions';
};
