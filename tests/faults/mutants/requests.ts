import { type Mutant, mutant } from './define.ts';

/** Mistakes on the way of a request through gateway, subgraph and queue. */
export const requestMutants: readonly Mutant[] = [
  mutant(
    'a token for another subgraph is accepted',
    { tests: 'packages/subgraph-auth/src/verifier', named: 'refuses another audience' },
    'packages/subgraph-auth/src/read-token.ts',
    'claims.iss !== issuer || claims.aud !== audience',
    'claims.iss !== issuer',
  ),
  mutant(
    'the signature of a token is not verified',
    { tests: 'packages/subgraph-auth/src/verifier', named: 'any character changed' },
    'packages/subgraph-auth/src/read-token.ts',
    "!verify(null, signed, key, Buffer.from(signature, 'base64url'))",
    '!verify',
  ),
  mutant(
    'a mutation is executed with a token of any request',
    { tests: 'packages/graphql-server/src/subgraph.test', named: 'executes no mutation whose token' },
    'packages/graphql-server/src/subgraph.ts',
    "operation?.operation === 'mutation' && !contextValue.boundToOperation",
    "operation?.operation === 'mutation' && !contextValue",
  ),
  mutant(
    'a line break of two characters counts as two',
    { tests: 'subgraphs/mutation/src/characters', named: 'as the segmenter does' },
    'subgraphs/mutation/src/characters.ts',
    '/^[\\t\\n -~',
    '/^[\\t\\n\\r -~',
  ),
  mutant(
    'documents without a place are in an index that is sparse',
    { tests: 'tests/stores/documents-pages', named: 'keeps what has no place' },
    'packages/document-store/src/postgres.ts',
    'sparse && by !== undefined ?',
    '!sparse && by !== undefined ?',
  ),
  mutant(
    'each event is recorded by itself',
    { tests: 'recorder/src/gathering.test', named: 'waits until the time' },
    'recorder/src/gathering.ts',
    'if (leftMs > 0) await',
    'if (leftMs > 1_000) await',
  ),
  mutant(
    'batches stay small however many events come',
    { tests: 'recorder/src/gathering.test', named: 'gathers for 80 ms in the end' },
    'recorder/src/gathering.ts',
    'const loaded = { perEventMs: 3, maxMs: 80 }',
    'const loaded = { perEventMs: 3, maxMs: 8 }',
  ),
  mutant(
    'each message to the queue is written by itself',
    { tests: 'packages/message-queue/src/end-of-turn', named: 'in one packet' },
    'packages/message-queue/src/end-of-turn.ts',
    'end ??= new Promise',
    'end = new Promise',
  ),
  mutant(
    'a page of any length costs the same',
    { tests: 'gateway/src/limits/known-costs', named: 'whatever was asked before' },
    'gateway/src/limits/known-costs.ts',
    'return String(value);',
    'return typeof value;',
  ),
];
