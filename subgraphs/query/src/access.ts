import { forbidden } from '@rookery/graphql-server';
import { type QueryContext, viewerOf } from './context.ts';

/** The gateway refuses others; this holds if a supergraph of others forgets to. @throws RookeryError FORBIDDEN */
export const mustModerate = (context: QueryContext): void => {
  viewerOf(context);
  if (!context.scopes.has('moderate')) throw forbidden('This needs a permission that your session lacks.');
};
