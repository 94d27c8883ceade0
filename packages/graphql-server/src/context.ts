import { type Logger, readAfterHeader, readAfterIn, requestIdFrom, requestIdHeader } from '@rookery/runtime';
import {
  type GatewayClaims,
  GatewayTokenError,
  type GatewayVerifier,
  gatewayHeader,
  tokenRefused,
} from '@rookery/subgraph-auth';
import type { Afterwards } from './afterwards.ts';
import { RookeryError, unavailable } from './errors.ts';
import { createResponseExtensions, type ResponseExtensions } from './response-extensions.ts';

/** Context of all resolvers of a subgraph. */
export interface SubgraphContext extends GatewayClaims {
  /** Id of the request, used from the gateway to the log of the projector. */
  readonly requestId: string;
  /** Activities of the viewer that the response must reflect. */
  readonly readAfter: readonly string[];
  readonly log: Logger;
  /** Told to the gateway in the extensions of the response. */
  readonly responseExtensions: ResponseExtensions;
  /** W3C Trace Context, if the gateway sent one. */
  readonly traceparent: string | undefined;
  /** Leaves work for the time after the answer. Absent if there is no single answer, as in a subscription. */
  readonly afterAnswer?: Afterwards['add'];
}

/** Creates the refusal of a request that does not come from the gateway, with one text for all reasons. */
export const notFromGateway = (): RookeryError =>
  new RookeryError('FORBIDDEN', 'Subgraphs answer the gateway alone.', {
    // Tells the gateway that its own token was refused, which does not concern its client.
    http: { status: 403, headers: new Map([[gatewayHeader, tokenRefused]]) },
  });

/**
 * Verifies that the request comes from the gateway, and for which viewer.
 * @param body raw body of the request; undefined on a socket
 * @throws RookeryError FORBIDDEN if it does not; SERVICE_UNAVAILABLE if the keys cannot be fetched
 */
export const verifyGateway = async (
  verifier: GatewayVerifier,
  token: unknown,
  log: Logger,
  body?: Uint8Array,
): Promise<GatewayClaims> => {
  try {
    return await verifier.verify(token, body);
  } catch (error) {
    if (error instanceof GatewayTokenError) {
      log.debug({ error }, 'request refused: it does not come from the gateway');
      throw notFromGateway();
    }
    log.error({ error }, 'failed to verify a request: it is answered SERVICE_UNAVAILABLE');
    throw unavailable();
  }
};

/**
 * Returns the context of one request.
 * @param given headers of the request, or extensions of a subscription: the same names in both
 * @throws RookeryError as `verifyGateway`
 */
export const subgraphContext = async (
  verifier: GatewayVerifier,
  given: Readonly<Record<string, unknown>>,
  log: Logger,
  body?: Uint8Array,
): Promise<SubgraphContext> => {
  const claims = await verifyGateway(verifier, given[gatewayHeader], log, body);
  const requestId = requestIdFrom(given[requestIdHeader]);
  return {
    ...claims,
    requestId,
    readAfter: readAfterIn(given[readAfterHeader]),
    log: log.child({ requestId }),
    responseExtensions: createResponseExtensions(),
    traceparent: typeof given.traceparent === 'string' ? given.traceparent : undefined,
  };
};
