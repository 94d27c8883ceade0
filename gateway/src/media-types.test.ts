import { expect, test } from 'vitest';
import { answerType, type EventStreamUse, eventStreamUse, graphqlResponseJson, json } from './media-types.ts';

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

/** Default Accept headers, read from what each client sends. */
const clients: readonly (readonly [
  client: string,
  accept: string | undefined,
  EventStreamUse,
  string | undefined,
])[] = [
  ['Apollo Client 3', '*/*', 'none', json],
  [
    'Apollo Client 4',
    'application/graphql-response+json,application/json;q=0.9',
    'none',
    graphqlResponseJson,
  ],
  [
    'Apollo Client 4, @defer',
    'multipart/mixed;deferSpec=20220824,application/graphql-response+json,application/json;q=0.9',
    'none',
    graphqlResponseJson,
  ],
  [
    'urql',
    'application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed',
    'subscriptions',
    graphqlResponseJson,
  ],
  ['Relay with fetch', '*/*', 'none', json],
  ['Relay as its docs show it', 'application/json', 'none', json],
  ['graphql-request', 'application/graphql-response+json, application/json', 'none', graphqlResponseJson],
  ['graphql-sse', 'text/event-stream', 'all', undefined],
  ['EventSource', 'text/event-stream', 'all', undefined],
  ['fetch, curl', '*/*', 'none', json],
  ['events first, same weight', 'text/event-stream, application/json', 'subscriptions', json],
  ['events by preference', 'application/json;q=0.9, text/event-stream', 'all', json],
  ['JSON by preference', 'application/json, text/event-stream;q=0.5', 'subscriptions', json],
  ['events or anything', 'text/event-stream, */*', 'subscriptions', json],
  ['events refused', 'application/json, text/event-stream;q=0', 'none', json],
  ['no header', undefined, 'none', json],
];

test.each(clients)('%s', (_, accept, events, type) => {
  expect({ events: eventStreamUse(accept), type: answerType(accept) }).toEqual({ events, type });
});
