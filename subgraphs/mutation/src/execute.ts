import { conflict, errorCodeOf, mustHaveScope, viewerOf } from '@rookery/graphql-server';
import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import type { Queue } from '@rookery/message-queue';
import { commandId, keyedId, newId, traced } from '@rookery/runtime';
import { type Envelope, makeEvent, writeEvent } from '@rookery/schema/events';
import type { Clock } from './clock.ts';
import type { AccountChanges, Command, Fact } from './commands/command.ts';
import { keyed, parseInput } from './input.ts';
import { inputHash } from './input-hash.ts';
import type { Lookup } from './lookup.ts';
import type { CommandMetrics } from './metrics.ts';
import { traceOf } from './trace.ts';

/**
 * Executes a command: authenticate → validate the input → look up → decide → claim the key → publish.
 * @returns the event that the queue has acknowledged; with a key, the first event with that key
 * @throws RookeryError for every refusal
 */
export type Execute = <Input extends object, Knowledge>(
  command: Command<Input, Knowledge>,
  input: unknown,
  context: SubgraphContext,
) => Promise<Envelope>;

/** An accepted command. */
interface Accepted {
  readonly event: Envelope;
  /** True if it is in the event store already, so that nothing must be published. */
  readonly isRecorded: boolean;
}

export interface ExecuteParts {
  readonly queue: Pick<Queue, 'publish' | 'claim' | 'claimed' | 'highWaterMark' | 'raiseHighWaterMark'>;
  readonly lookup: Lookup;
  readonly clock: Clock;
  readonly sessions: AccountChanges;
  readonly metrics: Pick<CommandMetrics, 'count' | 'timePublish'>;
}

/** The decision of a command, and the time that orders it among the actor's commands. */
interface Proposal {
  readonly fact: Fact;
  readonly time: string;
}

/** A key may be repeated only with the same input. */
const mustBeSame = (event: Envelope, hash: string): Envelope => {
  if (event.inputhash === hash) return event;
  throw conflict('This idempotency key has been used with another input.', { field: 'idempotencyKey' });
};

const isUnavailable = (error: unknown): boolean => errorCodeOf(error) === 'SERVICE_UNAVAILABLE';

/** OpenTelemetry's semantic conventions for messaging. */
const messaging = {
  'messaging.system': 'nats',
  'messaging.operation.name': 'publish',
  'messaging.operation.type': 'send',
  'messaging.destination.name': 'ACTIVITY',
};

const accept = (
  { fact, time }: Proposal,
  id: string,
  actor: string,
  context: SubgraphContext,
  idempotency: { readonly idempotencykey?: string; readonly inputhash?: string } = {},
): Envelope =>
  writeEvent(makeEvent({ subject: id, ...fact, id, actor, time, ...idempotency, ...traceOf(context) }));

/** Prevents the report of an unhandled rejection for a promise that is awaited later. */
const awaitedLater = <T>(promise: Promise<T>): Promise<T> => {
  promise.catch(() => {});
  return promise;
};

export const createExecute = ({ queue, lookup, clock, sessions, metrics }: ExecuteParts): Execute => {
  const propose = async <Input extends object, Knowledge>(
    command: Command<Input, Knowledge>,
    input: Input,
    actor: string,
  ): Promise<Proposal> => {
    // Concurrent with the lookup, so that it costs no extra round trip. A refusal has priority, even if the
    // queue is down.
    const mark = awaitedLater(command.unordered ? Promise.resolve(0) : queue.highWaterMark(actor));
    const known = await command.lookUp(input, lookup.seenBy(actor));
    const fact = command.decide({ actor, input, known });
    return { fact, time: clock(actor, Math.max(await mark, command.notBefore?.(known) ?? 0)) };
  };

  const run = async <Input extends object, Knowledge>(
    command: Command<Input, Knowledge>,
    raw: unknown,
    context: SubgraphContext,
  ): Promise<Accepted> => {
    const actor = viewerOf(context);
    if (command.scope !== undefined) mustHaveScope(context, command.scope);
    const { idempotencyKey: key } = parseInput(keyed, raw);
    const input = parseInput(command.input, raw);
    const proposed = propose(command, input, actor);
    if (key === undefined)
      return { event: accept(await proposed, newId(), actor, context), isRecorded: false };
    return runWithKey(key, inputHash(command.verb, input), awaitedLater(proposed), actor, context);
  };

  /** Returns the first event that was accepted with the key, or the proposed one if there is none. */
  const runWithKey = async (
    key: string,
    hash: string,
    proposed: Promise<Proposal>,
    actor: string,
    context: SubgraphContext,
  ): Promise<Accepted> => {
    const recorded = await lookup.recorded(actor, key);
    if (typeof recorded === 'object') return { event: mustBeSame(recorded, hash), isRecorded: true };
    let proposal: Proposal;
    try {
      proposal = await proposed;
    } catch (refusal) {
      return { event: mustBeSame(await findClaimed(key, actor, refusal), hash), isRecorded: false };
    }
    const id = commandId(actor, key, hash);
    const idempotency = { idempotencykey: key, inputhash: hash };
    const { event } = await queue.claim(accept(proposal, id, actor, context, idempotency));
    return { event: mustBeSame(event, hash), isRecorded: false };
  };

  /**
   * Returns the event that an earlier command claimed the key for: a refusal now does not undo an earlier
   * acceptance, even if the post is gone since.
   * @throws the refusal if there is none
   */
  const findClaimed = async (key: string, actor: string, refusal: unknown): Promise<Envelope> => {
    const first = isUnavailable(refusal) ? undefined : await queue.claimed(keyedId(actor, key));
    if (first) return first;
    throw refusal;
  };

  return (command, raw, context) =>
    metrics.count(command.verb, async () => {
      const { event, isRecorded } = await run(command, raw, context);
      if (!isRecorded) await command.before?.(event, sessions);
      // Includes events that were claimed earlier: the process that claimed one may have died before this
      // line.
      const { traceparent: parent } = context;
      const publish = () =>
        traced('publish ACTIVITY', { parent, kind: 'PRODUCER', attributes: messaging }, () =>
          metrics.timePublish(() => queue.publish(event)),
        );
      await Promise.all([
        isRecorded ? undefined : publish(),
        // Raised before the response: later commands of the actor, to any replica, must find the mark.
        command.unordered ? undefined : queue.raiseHighWaterMark(event.actor, Date.parse(event.time)),
      ]);
      lookup.published(event);
      return event;
    });
};
