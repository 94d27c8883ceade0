import { type Logger, type Span, startSpan } from '@rookery/runtime';
import { type PushIterator, pushIterator } from '@rookery/runtime/iterators';
import type { OperationDefinitionNode } from 'graphql';
import { type InternalTokens, rightsOf } from '../auth/internal-tokens.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { Permitted } from '../permissions/permitted.ts';
import { type OperationContext, operationContext, traceparentFrom } from '../pipeline/context.ts';
import type { OperationVariables } from '../pipeline/execute.ts';
import { SubgraphCaller } from '../subgraphs/caller.ts';
import type { Graph } from '../supergraph/supergraph.ts';
import type { GatewayMetrics } from '../telemetry/metrics.ts';
import { executeEvent, projectEvent } from './execute-event.ts';
import { follow, type Recovery } from './follow.ts';
import { type LiveOperation, type LiveOperations, liveOperations } from './live-operation.ts';
import { SubscriptionPlans } from './plan.ts';
import { SharedUpstreams } from './share.ts';
import type { AnswerText, SharedEvent } from './shared-event.ts';
import type { SubscriptionStart } from './start.ts';
import { Upstream, type UpstreamEvent } from './upstream.ts';

export interface SubscriptionsOptions {
  readonly tokens: InternalTokens;
  /** Events that wait for one slow reader. */
  readonly bufferedEvents: number;
  readonly recovery: Recovery;
  readonly maxBytes: number;
  readonly metrics: GatewayMetrics;
  readonly log: Logger;
}

/** Data of the caller that is kept for the fetches of each event. */
type Asker = Pick<OperationContext, 'viewer' | 'session' | 'requestId' | 'traceparent' | 'clientHeaders'>;

/** One event of a subscription is executed: a span of its own in the trace that caused the event. */
const eventSpan = { kind: 'CONSUMER', attributes: { 'graphql.operation.type': 'subscription' } } as const;

/**
 * Subscriptions over the whole supergraph. Apollo's planner splits one into the field that a subgraph sends and
 * the rest; the gateway opens the first upstream and has its executor answer each event.
 */
export class Subscriptions implements AsyncDisposable {
  readonly #options: SubscriptionsOptions;
  readonly #plans = new SubscriptionPlans();
  readonly #shared = new SharedUpstreams();
  /** By subgraph and address. */
  readonly #upstreams = new Map<string, Upstream>();

  constructor(options: SubscriptionsOptions) {
    this.#options = options;
  }

  /**
   * Plans the subscription; nothing is opened before the returned function is called.
   * @throws GraphQLError if no subgraph provides any selected field
   */
  prepare(
    graph: Graph,
    permitted: Permitted,
    variables: OperationVariables,
    caller: OperationContext,
  ): SubscriptionStart {
    const { log } = this.#options;
    const resuming = resumes(permitted.operation, variables.values);
    const live = liveOperations(graph, permitted, variables, caller, { plans: this.#plans, log });
    return (onOverflow) => this.#open(live, resuming, caller, onOverflow);
  }

  #open(
    { begun, current }: LiveOperations,
    resuming: boolean,
    caller: OperationContext,
    onOverflow: () => void,
  ) {
    const { bufferedEvents, metrics, log } = this.#options;
    let leave: (() => void) | undefined;
    // Subscriptions are kept by the thousands: only the necessary fields are kept.
    const { viewer, session, requestId, traceparent, clientHeaders } = caller;
    const asker: Asker = { viewer, session, requestId, traceparent, clientHeaders };
    const queue: PushIterator<SharedEvent, string> = pushIterator({
      limit: bufferedEvents,
      present: (event: SharedEvent): AnswerText => {
        metrics.events.inc();
        try {
          return this.#answer(event, current(), asker);
        } catch (error) {
          // It is no longer permitted.
          queue.finish();
          return JSON.stringify({ errors: maskAll([error], { log, requestId }) });
        }
      },
      onEnd: () => {
        metrics.subscriptions.dec();
        leave?.();
      },
      onOverflow: () => {
        metrics.drops.inc({ why: 'slow' });
        onOverflow();
      },
    });
    metrics.subscriptions.inc();
    leave = this.#join(begun, resuming, caller, queue);
    return queue;
  }

  #answer(event: SharedEvent, live: LiveOperation, asker: Asker): AnswerText {
    return event.answer(live.key, (own, alone) => {
      // The event goes on with the trace of whatever brought it about.
      const span = startSpan('subscription', { ...eventSpan, parent: traceOf(own) ?? asker.traceparent });
      const text = projectEvent(live, own);
      if (text === undefined) return this.#execute(alone ? own : structuredClone(own), live, asker, span);
      span.end();
      return text;
    });
  }

  async #execute(event: UpstreamEvent, live: LiveOperation, asker: Asker, span: Span): Promise<string> {
    const { tokens } = this.#options;
    const { traceparent } = span;
    const context = operationContext({ ...asker, tokens, traceparent });
    const result = await executeEvent(live, context, event);
    span.end();
    return JSON.stringify(result);
  }

  #join(
    { graph, plan: { variant, upstream, resumption }, variables: clients }: LiveOperation,
    resuming: boolean,
    caller: OperationContext,
    queue: PushIterator<SharedEvent, string>,
  ): () => void {
    const { serviceName: subgraph, operation: query, operationName, variableUsages = [] } = upstream;
    // As they came: what a default fills in, the subgraph fills in.
    const given = variant.names.variables(clients);
    const variables = Object.fromEntries(
      variableUsages.filter((name) => Object.hasOwn(given, name)).map((name) => [name, given[name]]),
    );
    const payload = { query, variables, ...(operationName === undefined ? {} : { operationName }) };
    const { tokens, recovery, metrics, log } = this.#options;
    const { viewer, session, requestId, readAfter, clientHeaders } = caller;
    // Each event is executed once for all who share it, so all headers count, whichever subgraph gets them.
    const whose = [viewer, rightsOf(session), clientHeaders?.key];
    const key = resuming ? undefined : JSON.stringify([graph.id, subgraph, query, variables, ...whose]);
    // It makes headers for each connection, because tokens expire.
    const asker = new SubgraphCaller({ tokens, viewer, session, requestId, clientHeaders });
    const connection = this.#upstream(graph, subgraph);
    let opened = false;
    const open = follow({
      open: (operation, sink, checkpoint) => {
        // Once it has been open, what the client wanted reflected has long since been.
        const headers = asker.headers(subgraph, opened ? [] : readAfter);
        opened = true;
        return connection.subscribe(operation, headers, sink, checkpoint);
      },
      payload,
      resumption,
      fromCursor: resuming,
      recovery,
      log,
    });
    return this.#shared.join(
      key,
      (sink) => {
        const count = metrics.upstreams.labels({ subgraph });
        const closed = once(() => count.dec());
        count.inc();
        const stop = open({
          ...sink,
          end: (failure) => {
            closed();
            sink.end(failure);
          },
        });
        return () => {
          closed();
          stop();
        };
      },
      { next: (event) => queue.push(event), end: (failure) => queue.end(failure) },
    );
  }

  #upstream(graph: Graph, subgraph: string): Upstream {
    const { tokens, maxBytes, log } = this.#options;
    const url = graph.subgraphs.get(subgraph)?.url;
    if (url === undefined) throw new Error(`no subgraph ${subgraph}`);
    // Two subgraphs may be served at one address, and their sockets carry tokens of different audiences.
    const key = `${subgraph} ${url}`;
    const known = this.#upstreams.get(key);
    if (known) return known;
    const made = new Upstream({ subgraph, url, tokens, maxBytes, log });
    this.#upstreams.set(key, made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#upstreams.values()].map((upstream) => upstream[Symbol.asyncDispose]()));
  }
}

/** The argument by which a subscription catches up from a cursor, in every subgraph. */
const resumeArgument = 'after';

/**
 * Returns whether the subscription starts in the past: its events depend on its start, so it cannot join
 * another one.
 */
const resumes = (
  { selectionSet }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): boolean =>
  selectionSet.selections.some(
    (root) =>
      // A root field behind a fragment is not looked at any closer: it has an upstream of its own.
      root.kind !== 'Field' ||
      root.arguments?.some(
        ({ name, value }) =>
          name.value === resumeArgument &&
          value.kind !== 'NullValue' &&
          !(value.kind === 'Variable' && variables[value.name.value] == null),
      ),
  );

const traceOf = ({ extensions }: UpstreamEvent): string | undefined =>
  traceparentFrom((extensions as { readonly traceparent?: unknown } | undefined)?.traceparent);

const once = (action: () => void): (() => void) => {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    action();
  };
};
