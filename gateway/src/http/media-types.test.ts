import { expect, test } from 'vitest';
import { answerType, graphqlResponseJson, json, type StreamUse, streamUse } from './media-types.ts';

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
  ['multipart/mixed', undefined],
  ['multipart/mixed;subscriptionSpec=2.0', undefined],
  ['multipart/mixed;subscriptionSpec=1.0;q=0', undefined],
  ['multipart/mixed;subscriptionSpec=1.0', json],
])('accept: %s', (accept, type) => {
  expect(answerType(accept)).toBe(type);
});

/** Default Accept headers, read from what each client sends. */
const clients: readonly (readonly [
  client: string,
  accept: string | undefined,
  stream: `${StreamUse['framing']} for ${StreamUse['operations']}` | 'none',
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
    'event-stream for subscriptions',
    graphqlResponseJson,
  ],
  ['Relay with fetch', '*/*', 'none', json],
  ['Relay as its docs show it', 'application/json', 'none', json],
  ['graphql-request', 'application/graphql-response+json, application/json', 'none', graphqlResponseJson],
  ['graphql-sse', 'text/event-stream', 'event-stream for all', undefined],
  ['EventSource', 'text/event-stream', 'event-stream for all', undefined],
  ['fetch, curl', '*/*', 'none', json],
  [
    'events first, same weight',
    'text/event-stream, application/json',
    'event-stream for subscriptions',
    json,
  ],
  ['events by preference', 'application/json;q=0.9, text/event-stream', 'event-stream for all', json],
  ['JSON by preference', 'application/json, text/event-stream;q=0.5', 'event-stream for subscriptions', json],
  ['events or anything', 'text/event-stream, */*', 'event-stream for subscriptions', json],
  ['events refused', 'application/json, text/event-stream;q=0', 'none', json],
  ['no header', undefined, 'none', json],
  [
    'Apollo Client 4, subscription',
    'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/graphql-response+json,application/json;q=0.9',
    'multipart for subscriptions',
    graphqlResponseJson,
  ],
  [
    'Apollo Client 3, subscription',
    'multipart/mixed;boundary=graphql;subscriptionSpec=1.0,application/json',
    'multipart for subscriptions',
    json,
  ],
  [
    'Apollo Kotlin, subscription',
    'multipart/mixed;subscriptionSpec=1.0, application/graphql-response+json, application/json',
    'multipart for subscriptions',
    graphqlResponseJson,
  ],
  [
    'Apollo Kotlin, query',
    'multipart/mixed;deferSpec=20220824, application/graphql-response+json, application/json',
    'none',
    graphqlResponseJson,
  ],
  [
    'Apollo iOS 1, subscription',
    'multipart/mixed;boundary="graphql";subscriptionSpec=1.0,application/json',
    'multipart for subscriptions',
    json,
  ],
  [
    'Apollo iOS 1, query',
    'multipart/mixed;boundary="graphql";deferSpec=20220824,application/json',
    'none',
    json,
  ],
  [
    'Apollo iOS 2, subscription',
    'multipart/mixed;subscriptionSpec=1.0,application/graphql-response+json,application/json',
    'multipart for subscriptions',
    graphqlResponseJson,
  ],
  [
    "Apollo's documentation",
    'multipart/mixed;subscriptionSpec="1.0", application/json',
    'multipart for subscriptions',
    json,
  ],
  [
    'a client of both specifications',
    'multipart/mixed;deferSpec=20220824, multipart/mixed; SubscriptionSpec = "1.0", application/json',
    'multipart for subscriptions',
    json,
  ],
  ['curl', 'multipart/mixed;subscriptionSpec=1.0', 'multipart for subscriptions', json],
  [
    'both streams, same weight',
    'multipart/mixed;subscriptionSpec=1.0, text/event-stream, application/json',
    'event-stream for subscriptions',
    json,
  ],
  [
    'both streams, multipart by preference',
    'multipart/mixed;subscriptionSpec=1.0, text/event-stream;q=0.5, application/json',
    'multipart for subscriptions',
    json,
  ],
  ['multipart refused', 'multipart/mixed;subscriptionSpec=1.0;q=0, application/json', 'none', json],
];

test.each(clients)('%s', (_, accept, stream, type) => {
  const use = streamUse(accept);
  const found = use === undefined ? 'none' : `${use.framing} for ${use.operations}`;
  expect({ stream: found, type: answerType(accept) }).toEqual({ stream, type });
});
