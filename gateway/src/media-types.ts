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
 * The content type in which this client is answered: application/json where it doesn't say, or wants neither
 * more (GraphQL over HTTP, section 6.1). Undefined where it takes neither.
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

/** Whether this client would rather have events: it names their type, and takes no other as gladly. */
export const wantsEvents = (accept: string | undefined): boolean => {
  if (!accept?.includes('text/event-stream')) return false;
  const accepted = ranges(accept);
  const quality = accepted.find(({ type }) => type === 'text/event-stream')?.quality ?? 0;
  return quality > 0 && quality >= qualityOf('application/json', accepted);
};
