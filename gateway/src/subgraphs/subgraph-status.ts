import { rateLimited, unavailable } from '@rookery/graphql-server';
import { GraphQLError } from 'graphql';

/** The status and headers with which a subgraph answered. */
export interface AnswerHead {
  readonly status: number;
  /** Value of Retry-After. */
  readonly retryAfter: string | undefined;
  /** True if the subgraph says that it did not accept the gateway's own token. */
  readonly refusesGateway: boolean;
}

/** An answer that brings no data, and that says nothing about how the subgraph is doing. */
export class UnusableAnswerError extends Error {
  override name = 'UnusableAnswerError';
  /** Error that the client sees at each lost field. */
  readonly shown: GraphQLError;

  constructor(message: string, shown: GraphQLError) {
    super(message);
    this.shown = shown;
  }
}

/** The subgraph says that it is not well. */
export class UnwellSubgraphError extends Error {
  override name = 'UnwellSubgraphError';
  /** Seconds after which the subgraph wants to be asked again, if it says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds: number | undefined) {
    super(message);
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No client is asked to wait longer, in seconds. */
const maxRetryAfterSeconds = 3_600;

/** Returns the seconds that Retry-After asks for (RFC 9110, section 10.2.3): a number or a date. */
export const readRetryAfter = (header: string | undefined, now = Date.now()): number | undefined => {
  if (header === undefined) return undefined;
  const seconds = /^\d+$/.test(header.trim())
    ? Number(header)
    : Math.ceil((Date.parse(header) - now) / 1_000);
  return Number.isNaN(seconds) ? undefined : Math.min(Math.max(seconds, 1), maxRetryAfterSeconds);
};

/** @throws UnwellSubgraphError for a status that tells of the subgraph and not of this request */
export const checkHealth = (subgraph: string, { status, retryAfter, refusesGateway }: AnswerHead): void => {
  if (refusesGateway)
    throw new UnwellSubgraphError(`${subgraph} does not accept the gateway's token`, undefined);
  if (status >= 500)
    throw new UnwellSubgraphError(`${subgraph} answered ${status}`, readRetryAfter(retryAfter));
};

/**
 * Returns the error for an answer that is no GraphQL. With 429 the client is told when to ask again; any other 3xx or
 * 4xx is a mistake between gateway and subgraph, which is logged and masked.
 */
export const unusableAnswer = (
  subgraph: string,
  { status, retryAfter }: AnswerHead,
  cause: unknown,
): UnusableAnswerError => {
  const message = `${subgraph} answered ${status} without GraphQL: ${String(cause)}`;
  if (status === 429) return new UnusableAnswerError(message, rateLimited(readRetryAfter(retryAfter) ?? 1));
  return new UnusableAnswerError(message, status < 300 ? unavailable() : new GraphQLError(message));
};
