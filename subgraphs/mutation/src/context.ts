import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import type { Accounts } from './accounts/accounts.ts';
import type { Push } from './accounts/push.ts';
import type { Execute } from './execute.ts';

/** Context of the resolvers: the request, and the services of this subgraph. */
export interface MutationContext extends SubgraphContext {
  readonly execute: Execute;
  readonly accounts: Accounts;
  readonly push: Push;
}
