import { beforeAll, expect, test } from 'vitest';
import { type Answer, overHttp, sendRaw } from '../support/clients/raw-client.ts';
import { type SharedSystem, sharedSystem } from '../support/index.ts';

/**
 * The twelve checks of graphql-cop (github.com/dolevf/graphql-cop, 1.2 and later), by their titles: what it sends, and
 * what it would call a finding. None may be one in production mode. (The tool itself is not on PyPI: what
 * has its name there is empty.)
 */
let system: SharedSystem;
beforeAll(async () => {
  system = await sharedSystem();
});

const graphql = (query: string): Promise<Answer> => overHttp(system.gatewayUrl)({ query });
const inUrl = (query: string) => `/graphql?query=${encodeURIComponent(query)}`;

test('Alias Overloading', async () => {
  const aliases = Array.from({ length: 101 }, (_, n) => `alias${n}:__typename`).join(' ');
  expect((await graphql(`query { ${aliases} }`)).data).toBeUndefined();
});

test('Array-based Query Batching', async () => {
  const body = JSON.stringify(Array.from({ length: 10 }, () => ({ query: 'query { __typename }' })));
  const { text, status } = await sendRaw(system.gatewayUrl, { body });
  expect(status).toBe(400);
  expect(JSON.parse(text)).not.toBeInstanceOf(Array);
});

test('Directive Overloading', async () => {
  const { errors } = await graphql(`query { __typename ${'@aa'.repeat(10)} }`);
  // Ten errors would mean that each was looked at.
  expect(errors).toHaveLength(1);
});

test('Field Duplication', async () => {
  expect((await graphql(`query { ${'__typename \n'.repeat(500)} }`)).data).toBeUndefined();
});

test('Introspection-based Circular Query', async () => {
  const fields = '{ fields { type '.repeat(4);
  const query = `query { __schema { types ${fields} { fields { type { name } } } ${'} } '.repeat(4)} } }`;
  expect((await graphql(query)).data).toBeUndefined();
});

test('Introspection', async () => {
  expect((await graphql('query { __schema { types { name fields { name } } } }')).data).toBeUndefined();
});

test('Field Suggestions', async () => {
  const { errors } = await graphql('query { __schema { directive } }');
  expect(errors.length).toBeGreaterThan(0);
  for (const { message } of errors) expect(message).not.toContain('Did you mean');
});

test('GraphQL IDE', async () => {
  for (const path of ['/', '/graphiql', '/playground', '/console', '/graphql']) {
    const response = await fetch(system.gatewayUrl + path, { headers: { accept: 'text/html' } });
    expect([400, 404]).toContain(response.status);
    expect(response.headers.get('content-type')).not.toContain('html');
    expect(await response.text()).not.toMatch(/<html|<script|playground-react/i);
  }
});

test('GET Method Query Support', async () => {
  const response = await fetch(system.gatewayUrl + inUrl('{__typename}'));
  expect(await response.json()).not.toHaveProperty('data');
});

test('Mutation is allowed over GET', async () => {
  for (const headers of [{}, { 'apollo-require-preflight': '1' }]) {
    const response = await fetch(system.gatewayUrl + inUrl('mutation {__typename}'), { headers });
    expect(await response.json()).not.toHaveProperty('data');
  }
});

test('POST based url-encoded query', async () => {
  const inBody = await fetch(`${system.gatewayUrl}/graphql`, {
    method: 'POST',
    body: new URLSearchParams({ query: 'query {__typename}' }),
  });
  expect(await inBody.json()).not.toHaveProperty('data');
  const response = await fetch(system.gatewayUrl + inUrl('query {__typename}'), { method: 'POST' });
  expect(await response.json()).not.toHaveProperty('data');
});

test('Trace Mode', async () => {
  const { text } = await graphql('query { __typename }');
  expect(text).not.toMatch(/tracing|stacktrace|exception/i);
});

test('Unhandled Errors Detection', async () => {
  const { text, errors } = await graphql('qwerty cop { abc }');
  expect(errors).toHaveLength(1);
  expect(text).not.toMatch(/exception|stacktrace/i);
});
