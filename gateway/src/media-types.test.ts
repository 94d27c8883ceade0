import { expect, test } from 'vitest';
import { answerType, graphqlResponseJson, json } from './media-types.ts';

test.each([
  [undefined, json],
  ['', json],
  ['*/*', json],
  ['application/*', json],
  ['application/json', json],
  ['application/json; charset=utf-8', json],
  ['text/html, application/json;q=0.9', json],
  ['application/graphql-response+json', graphqlResponseJson],
  ['application/graphql-response+json; charset=utf-8, application/json; q=0.9', graphqlResponseJson],
  ['application/graphql-response+json, */*', graphqlResponseJson],
  ['application/graphql-response+json;q=0.1, application/json', json],
  ['application/json;q=0, application/graphql-response+json', graphqlResponseJson],
  ['text/html', undefined],
  ['application/json;q=0', undefined],
  ['junk;;;', undefined],
])('accept: %s', (accept, type) => {
  expect(answerType(accept)).toBe(type);
});
