import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import type { Accounts } from './accounts/accounts.ts';
import type { Execute } from './execute.ts';

/** Context of the resolvers: the request, and the two services of this subgraph. */
export interface MutationContext extends SubgraphContext {
  readonly execute: Execute;
  readonly accounts: Accounts;
}

/** Tells the gateway, in the answer's extensions, that later reads of the same operation must reflect this activity. */
export const readAfter = (context: Pick<SubgraphContext, 'extensions'>, activityId: string): void => {
  const { readAfter: earlier } = context.extensions;
  context.extensions.readAfter = [...(Array.isArray(earlier) ? earlier : []), activityId];
};
