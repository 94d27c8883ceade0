import { type Mutant, mutant } from './define.ts';

/** Mistakes in the gateway's limits, breakers, sessions and live streams. */
export const gatewayMutants: readonly Mutant[] = [
  mutant(
    'a lost live upstream is reopened from its first cursor',
    { tests: 'tests/gateway/resume', named: 'nothing comes twice, with the cursor asked for' },
    'gateway/src/subscriptions/follow.ts',
    'place = resumption?.takeCursor(event) ?? (',
    'place ??= resumption?.takeCursor(event) ?? (',
  ),
  mutant(
    'a socket outlives the session that was revoked',
    { tests: 'tests/attacks/sessions', named: 'by logOut' },
    'gateway/src/app.ts',
    'session !== undefined && revocations.isRevoked(session),\n          closeCodes.revoked,',
    'session !== undefined && revocations.size < 0,\n          closeCodes.revoked,',
  ),
  mutant(
    'a 4xx of a subgraph counts as a failure of the subgraph',
    { tests: 'tests/gateway/resilience', named: 'opens no breaker and is not tried again: 403' },
    'gateway/src/subgraph-status.ts',
    '  if (status >= 500)\n',
    '  if (status >= 400)\n',
  ),
  mutant(
    'one client may hold all places of a subgraph',
    { tests: 'tests/gateway/resilience', named: 'takes at most half of the places' },
    'gateway/src/resilience.ts',
    'callerShare: 0.5',
    'callerShare: 1',
  ),
  mutant(
    'a GET of any unusual content type is taken for one that had a preflight',
    { tests: 'tests/gateway/bad-input', named: 'message/rfc822' },
    'gateway/src/graphql-request.ts',
    "request.method === 'GET' ? type === 'application/json' : !simpleTypes.includes(type)",
    '!simpleTypes.includes(type)',
  ),
  mutant(
    'literals may be nested as deep as they like',
    { tests: 'gateway/src/limits/values', named: 'literals' },
    'gateway/src/limits/values.ts',
    '++lists > literalListDepth',
    '++lists > 1_000',
  ),
  mutant(
    'plans are shared between those for whom an override holds and the others',
    { tests: 'tests/gateway/overrides', named: 'decided once for each' },
    'gateway/src/execution/prepared.ts',
    'if (this.#conditions.length === 0) return key;',
    'if (this.#conditions.length === 0) return key.slice(0, 0);',
  ),
  mutant(
    'a field that is selected twice is charged twice',
    { tests: 'gateway/src/limits/rewriting', named: 'however it is written' },
    'gateway/src/limits/merged-fields.ts',
    'const name = (selection.alias ?? selection.name).value;',
    "const name = (selection.alias ?? selection.name).value.concat(' '.repeat(collected.size));",
  ),
  mutant(
    'an argument that is left at its default has a bucket of its own',
    { tests: 'gateway/src/limits/rewriting', named: 'however it is written' },
    'gateway/src/rate-limit/field-charges.ts',
    '(isRecord(inside) ? inside[step] : undefined)',
    '(isRecord(inside) && field.node.arguments?.length ? inside[step] : undefined)',
  ),
  mutant(
    'a gateway that stops completes its multipart subscriptions',
    { tests: 'tests/gateway/multipart', named: 'comes back by itself after a deploy' },
    'gateway/src/stream-framing.ts',
    'return transportError([{ message: why.reason, extensions }]);',
    "return extensions ? closing : '';",
  ),
];
