import { buildSchema, type ExecutionResult, parse } from 'graphql';
import { expect, it } from 'vitest';
import { createResponseExtensions } from './response-extensions.ts';
import {
  type SourceEvent,
  type SourceStream,
  type SubscriptionContext,
  subscribeWithExtensions,
  subscriptionStart,
} from './subscribe.ts';

const schema = buildSchema('type Query { no: Int } type Subscription { count: Int calls: Int }');
/** Number of times that the context of one event was used. */
type Context = SubscriptionContext & { readonly used: { count: number } };

type CountEvent = SourceEvent & { readonly count: number };

const subscribed = async (
  events: readonly CountEvent[] | Error,
  extensions: Record<string, unknown>,
  checkpoint?: string,
  {
    document = 'subscription { count }',
    context = {},
  }: { document?: string; context?: Partial<Context> } = {},
) => {
  const source = async function* () {
    if (!(events instanceof Error)) yield* events;
  };
  const responses = await subscribeWithExtensions<Context>(
    {
      schema,
      document: parse(document),
      contextValue: {
        responseExtensions: createResponseExtensions(),
        used: { count: 0 },
        ...subscriptionStart(extensions),
        ...context,
      } as Context,
      subscribeFieldResolver: (): SourceStream<CountEvent> => {
        if (events instanceof Error) throw events;
        return Object.assign(source(), { checkpoint });
      },
      fieldResolver: (event: CountEvent, _args, { used }: Context, { fieldName }) =>
        fieldName === 'count' ? event.count : ++used.count,
    },
    (shared) => ({ ...shared, used: { count: 0 } }),
  );
  if (!(Symbol.asyncIterator in responses)) return responses;
  const all: ExecutionResult[] = [];
  for await (const response of responses) all.push(JSON.parse(JSON.stringify(response)));
  return all;
};

const events: readonly CountEvent[] = [
  { count: 1, extensions: { checkpoint: 'one', traceparent: 'trace' } },
  { count: 2 },
];

it('adds the extensions of an event to its own response only', async () => {
  expect(await subscribed(events, { checkpoints: true })).toEqual([
    { data: { count: 1 }, extensions: { checkpoint: 'one', traceparent: 'trace' } },
    { data: { count: 2 } },
  ]);
});

it('tells the start of the stream and checkpoints to a gateway that wants them, and to no other', async () => {
  expect(await subscribed(events, { checkpoints: true }, 'start')).toMatchObject([
    { data: null, extensions: { checkpoint: 'start' } },
    { extensions: { checkpoint: 'one' } },
    {},
  ]);
  expect(await subscribed(events, { checkpoints: 'yes', checkpoint: 'zero' }, 'start')).toEqual([
    { data: { count: 1 }, extensions: { traceparent: 'trace' } },
    { data: { count: 2 } },
  ]);
});

it('tells with each response what the resolvers of the subscription have collected', async () => {
  const responseExtensions = createResponseExtensions();
  responseExtensions.markStale();
  expect(await subscribed([{ count: 1 }], {}, undefined, { context: { responseExtensions } })).toEqual([
    { data: { count: 1 }, extensions: { stale: true } },
  ]);
});

it('resolves each event in a context of its own', async () => {
  const document = 'subscription { calls again: calls }';
  // graphql-js executes one root field; validation, which the servers do, would refuse the second.
  expect(await subscribed([{ count: 1 }, { count: 2 }], {}, undefined, { document })).toEqual([
    { data: { calls: 1, again: 2 } },
    { data: { calls: 1, again: 2 } },
  ]);
});

it('returns a single response if there is no stream', async () => {
  expect(await subscribed(new Error('refused'), { checkpoints: true })).toMatchObject({
    errors: [{ message: 'refused' }],
  });
});
