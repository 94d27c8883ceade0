import { mapIterator, prepend } from '@rookery/runtime/iterators';
import { createSourceEventStream, type ExecutionArgs, type ExecutionResult, execute } from 'graphql';
import type { SubgraphContext } from './subgraph.ts';

/** Information from the gateway about a subscription, in addition to its operation. */
export interface SubscriptionStart {
  /** The gateway wants to know the position of the stream, at its start and with each event. */
  readonly wantsCheckpoints: boolean;
  /** Last checkpoint that the gateway received, if the connection was lost since. */
  readonly checkpoint?: string | undefined;
}

/** Reads the start of a subscription from the extensions of the gateway's `subscribe` message. */
export const subscriptionStart = (
  extensions: Readonly<Record<string, unknown>> | null | undefined,
): SubscriptionStart => ({
  wantsCheckpoints: extensions?.checkpoints === true,
  checkpoint: typeof extensions?.checkpoint === 'string' ? extensions.checkpoint : undefined,
});

/** Root value of one event. A source that has something to tell the gateway about an event adds it here. */
export interface SourceEvent {
  readonly extensions?: {
    /** Position of the stream after this event, if its field has no cursor. */
    readonly checkpoint?: string | undefined;
    /** Trace of the write that caused the event. */
    readonly traceparent?: string | undefined;
  };
}

/** Source stream of a subscription, as its `subscribe` resolver returns it. */
export interface SourceStream<E> extends AsyncIterable<E> {
  /** Position at which the stream starts. */
  readonly checkpoint?: string | undefined;
}

export type SubscriptionContext = SubgraphContext & SubscriptionStart;

const isStream = (source: object): source is SourceStream<SourceEvent> => Symbol.asyncIterator in source;

/** Reads the extensions of an event; a value that is not a SourceEvent has none. */
const extensionsOf = (event: unknown): NonNullable<SourceEvent['extensions']> =>
  (event as SourceEvent | null)?.extensions ?? {};

/**
 * Executes a subscription as graphql-js does, and adds the extensions of each event to its response. If the gateway
 * wants checkpoints, the first response has no data and tells the position at which the stream starts.
 * @param eventContext creates the context in which the fields of one event are resolved
 */
export const subscribeWithExtensions = async <Context extends SubscriptionContext>(
  args: ExecutionArgs & { readonly contextValue: Context },
  eventContext: (context: Context) => Context = (context) => context,
): Promise<AsyncGenerator<ExecutionResult, undefined, undefined> | ExecutionResult> => {
  const { contextValue: context } = args;
  const source: object = await createSourceEventStream(args);
  if (!isStream(source)) return source;
  const responses = mapIterator(source, async (event): Promise<ExecutionResult> => {
    const { checkpoint, traceparent } = extensionsOf(event);
    const result = await execute({ ...args, rootValue: event, contextValue: eventContext(context) });
    const extensions = {
      ...context.responseExtensions.collected(),
      ...(traceparent === undefined ? {} : { traceparent }),
      ...(context.wantsCheckpoints && checkpoint !== undefined ? { checkpoint } : {}),
    };
    return Object.keys(extensions).length > 0 ? { ...result, extensions } : result;
  });
  const { checkpoint } = source;
  if (!context.wantsCheckpoints || checkpoint === undefined) return responses;
  return prepend<ExecutionResult>({ data: null, extensions: { checkpoint } }, responses);
};
