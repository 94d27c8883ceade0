import { mustHaveScope, viewerOf } from '@rookery/graphql-server';
import type { QueryContext } from './context.ts';

/** @throws RookeryError UNAUTHENTICATED, FORBIDDEN */
export const mustModerate = (context: QueryContext): void => {
  viewerOf(context);
  mustHaveScope(context, 'moderate');
};
