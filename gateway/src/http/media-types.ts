export const json = 'application/json; charset=utf-8';
export const graphqlResponseJson = 'application/graphql-response+json; charset=utf-8';

interface Range {
  readonly type: string;
  /** By name, in lower case and without quotes. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly quality: number;
}

/** Reads an Accept header (RFC 9110, section 12.5.1). A weight that cannot be read is 0. */
const ranges = (accept: string): Range[] =>
  accept.split(',').map((part) => {
    const [type = '', ...texts] = part.split(';').map((text) => text.trim().toLowerCase());
    const parameters = new Map(texts.map(parameter));
    const quality = parameters.get('q');
    return { type, parameters, quality: quality === undefined ? 1 : Number(quality) || 0 };
  });

const parameter = (text: string): [name: string, value: string] => {
  const [name = '', value = ''] = text.split('=', 2).map((side) => side.trim());
  return [name, value.replace(/^"(.*)"$/, '$1')];
};

const qualityOf = (type: string, accepted: readonly Range[]): number => {
  const [main] = type.split('/', 1);
  for (const pattern of [type, `${main}/*`, '*/*']) {
    const found = accepted.find((range) => range.type === pattern);
    if (found) return found.quality;
  }
  return 0;
};

/** Returns the weight of Apollo's multipart protocol for subscriptions; plain `multipart/mixed` is something else. */
const multipartQuality = (accepted: readonly Range[]): number =>
  accepted.find(
    ({ type, parameters }) => type === 'multipart/mixed' && parameters.get('subscriptionspec') === '1.0',
  )?.quality ?? 0;

/**
 * Returns the content type of a single answer: application/json if the client has no preference (GraphQL over HTTP,
 * section 6.1), or names only the multipart protocol, which has no form for queries. Undefined if it accepts none.
 */
export const answerType = (accept: string | undefined): string | undefined => {
  if (accept === undefined || accept === '') return json;
  const accepted = ranges(accept);
  const plain = qualityOf('application/json', accepted);
  // By name alone: whoever takes anything may not know what it means.
  const own = accepted.find(({ type }) => type === 'application/graphql-response+json')?.quality ?? 0;
  if (plain === 0 && own === 0) return multipartQuality(accepted) > 0 ? json : undefined;
  return own >= plain ? graphqlResponseJson : json;
};

/** Operations that a client wants answered as a stream, and the form of the stream. */
export interface StreamUse {
  readonly framing: 'event-stream' | 'multipart';
  /** `all` includes queries and mutations. */
  readonly operations: 'subscriptions' | 'all';
}

/**
 * Returns which operations are answered as a stream; undefined if none.
 *
 * A client that lists `text/event-stream` beside JSON with the same weight (urql does, over POST) can read both: it
 * gets JSON for queries and mutations, because status codes and RateLimit headers are lost in a stream, and events for
 * subscriptions, which have no other form. Negotiator packages break such a tie by the order of the header instead.
 */
export const streamUse = (accept: string | undefined): StreamUse | undefined => {
  if (accept === undefined) return undefined;
  const accepted = ranges(accept);
  const events = accepted.find(({ type }) => type === 'text/event-stream')?.quality ?? 0;
  if (multipartQuality(accepted) > events) return { framing: 'multipart', operations: 'subscriptions' };
  if (events === 0) return undefined;
  const asJson = ['application/json', 'application/graphql-response+json'].map((type) =>
    qualityOf(type, accepted),
  );
  return { framing: 'event-stream', operations: events > Math.max(...asJson) ? 'all' : 'subscriptions' };
};
