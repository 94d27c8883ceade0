import type { GatewayClaims } from '@rookery/subgraph-auth';
import { forbidden, unauthenticated } from './errors.ts';

/** The signed-in user's id. @throws RookeryError UNAUTHENTICATED without one */
export const viewerOf = ({ viewer }: Pick<GatewayClaims, 'viewer'>): string => {
  if (viewer === null) throw unauthenticated();
  return viewer;
};

/** The gateway refuses others; this holds if a supergraph of others forgets to. @throws RookeryError FORBIDDEN */
export const mustHaveScope = ({ scopes }: Pick<GatewayClaims, 'scopes'>, scope: string): void => {
  if (!scopes.has(scope)) throw forbidden('This needs a permission that your session lacks.');
};
