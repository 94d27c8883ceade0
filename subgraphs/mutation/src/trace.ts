import type { SubgraphContext } from '@rookery/graphql-server/subgraph';

/** W3C Trace Context, version 00. */
const traceparent = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Returns the request id and trace of an event, which continue from the gateway to the projector. */
export const traceOf = (
  context: Pick<SubgraphContext, 'requestId' | 'traceparent'>,
): { requestid: string; traceparent?: string } => ({
  requestid: context.requestId,
  ...(context.traceparent !== undefined && traceparent.test(context.traceparent)
    ? { traceparent: context.traceparent }
    : {}),
});
