import type { GatewayClaims } from '@rookery/subgraph-auth';
import { unauthenticated } from './errors.ts';
import type { SampleStore } from './store.ts';

/** The context of every resolver. */
export type Context = Pick<GatewayClaims, 'viewer' | 'scopes' | 'roles'> & {
  readonly store: SampleStore;
  /** Names the request in the logs of every process. */
  readonly requestId: string;
  /**
   * A subscription puts its first position here. The gateway is told, and comes back to this position if the connection is lost
   * before there is any event.
   */
  readonly start: { cursor?: string };
};

/**
 * Returns the context of one operation.
 * @param claims who asks, as the gateway says
 * @param given headers of a request, or extensions of a subscription: both have the same names
 */
export const contextOf = (
  { viewer, scopes, roles }: GatewayClaims,
  given: Readonly<Record<string, unknown>>,
  store: SampleStore,
): Context => ({
  viewer,
  scopes,
  roles,
  store,
  requestId: String(given['x-request-id'] ?? ''),
  start: {},
});

/**
 * Returns the id of the signed-in user. The gateway has already refused everybody else if the SDL says @authenticated.
 * @throws GraphQLError UNAUTHENTICATED
 */
export const signedIn = ({ viewer }: Context): string => {
  if (viewer === null) throw unauthenticated();
  return viewer;
};
