import { type Mutant, mutant } from './define.ts';

/** Mistakes in how the gateway makes an answer of what subgraphs answered. */
export const shapeMutants: readonly Mutant[] = [
  mutant(
    'a fragment widens the type that an object is known to be of',
    { tests: 'tests/conformance', named: 'any query' },
    'packages/federation-executor/src/response-shaper.ts',
    'overlapOf(schema, scope, condition);',
    'overlapOf(schema, on, condition);',
  ),
  mutant(
    'a field that no subgraph answered is a silent null',
    { tests: 'tests/gateway/malformed-answers', named: 'any malformed answer' },
    'packages/federation-executor/src/response-shaper.ts',
    '? undefined : source[from];',
    '? undefined : (source[from] ?? null);',
  ),
  mutant(
    'what a failed fetch was to bring is forgotten',
    { tests: 'tests/gateway/malformed-answers', named: 'is told why' },
    'packages/federation-executor/src/run-plan.ts',
    'for (const key of keys) part[key] = value;',
    'for (const key of keys) if (value === null) part[key] = value;',
  ),
  mutant(
    'a plan identifies entities by keys that a subgraph does not resolve',
    { tests: 'tests/gateway/entity-keys', named: 'takes the key by which it resolves' },
    'gateway/src/supergraph/graph.ts',
    'isolateRequired(resolvableKeysFirst(loadableSupergraph(sdl)))',
    'isolateRequired(loadableSupergraph(sdl.length > 0 ? sdl : resolvableKeysFirst(sdl)))',
  ),
];
