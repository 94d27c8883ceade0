import type { SubgraphContext } from '@rookery/service';
import type { Accounts } from './accounts/accounts.ts';
import type { Execute } from './execute.ts';

/** What a resolver works with: for whom it is asked, and the two things that this subgraph can do. */
export interface MutationContext extends SubgraphContext {
  readonly execute: Execute;
  readonly accounts: Accounts;
}

/** Tells the gateway, in the answer's extensions, that later reads of the same operation must reflect this activity. */
export const readAfter = (context: Pick<SubgraphContext, 'extensions'>, activityId: string): void => {
  const { readAfter: earlier } = context.extensions;
  context.extensions.readAfter = [...(Array.isArray(earlier) ? earlier : []), activityId];
};
