import { type Mutant, mutant } from './define.ts';

const propagation = 'tests/gateway/header-propagation';

/** Mistakes in what the gateway passes to other teams' subgraphs, and sends to registries. */
export const teamMutants: readonly Mutant[] = [
  mutant(
    'a fetch is shared by clients with other headers',
    { tests: propagation, named: 'a fetch that is under way' },
    'gateway/src/subgraphs/caller.ts',
    'this.#clientHeaders.keyFor(subgraph)}`',
    'this.#clientHeaders.keyFor(subgraph).slice(0, 0)}`',
  ),
  mutant(
    'a query takes the answer to the equal one of another client',
    { tests: propagation, named: 'a fetch that is under way' },
    'gateway/src/pipeline/execute.ts',
    'caller.key} ',
    'caller.key.slice(0, 0)} ',
  ),
  mutant(
    'a live upstream is shared by clients with other headers',
    { tests: propagation, named: 'an upstream, nor the answer to an event' },
    'gateway/src/subscriptions/subscribe.ts',
    'clientHeaders?.key];',
    'clientHeaders?.key.slice(0, 0)];',
  ),
  mutant(
    'a live upstream is shared by sessions with other scopes',
    { tests: propagation, named: 'sessions of one viewer with other scopes' },
    'gateway/src/auth/internal-tokens.ts',
    'session === undefined || session.scopes.size + session.entitlements.size === 0',
    'session === undefined || session.scopes.size + session.entitlements.size >= 0',
  ),
  mutant(
    'a header of the client replaces one of the gateway',
    { tests: 'packages/runtime/src/subgraph-settings', named: 'refuses x_rookery_gateway' },
    'packages/runtime/src/subgraph-settings.ts',
    "name.replaceAll('_', '-')",
    "name.replaceAll('_', '_')",
  ),
  mutant(
    'credentials for the supergraph follow a redirect',
    { tests: 'tests/gateway/supergraph-credentials', named: 'a redirect is followed' },
    'gateway/src/supergraph/follow-redirects.ts',
    'if (next.origin !== target.origin)',
    'if (next.origin.length < 0)',
  ),
  mutant(
    'an address in the supergraph wins over the configured one',
    { tests: 'tests/gateway/subgraph-urls', named: 'subgraphs are asked at their configured addresses' },
    'gateway/src/supergraph/addresses.ts',
    '[subgraphUrls, subgraphs].find(',
    '[subgraphs, subgraphUrls].find(',
  ),
];
