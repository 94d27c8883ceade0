import type { z } from 'zod';
import { type EventKind, type EventOf, verbOfDataType } from './define.ts';
import { type Envelope, envelope } from './envelope.ts';
import { eventKinds } from './generated/kinds.ts';
import { commandRejected, type Rejection } from './kinds/command-rejected.ts';

type Kinds = typeof eventKinds;

/** Values of the enum Verb of the public contract that events have. */
export type Verb = Exclude<Kinds[keyof Kinds]['verb'], typeof verbOfDataType>;

/** An event of any kind, with its data in the current version; `name` is the discriminator. */
export type Event = { [K in keyof Kinds]: EventOf<Kinds[K], Verb> }[keyof Kinds];
export type EventName = Event['name'];
/** Data of one kind. */
export type EventData<N extends EventName> = Extract<Event, { name: N }>['data'];

/** An event with its position in the event store. Positions are contiguous from 1. */
export interface RecordedEvent {
  readonly position: number;
  /** Time of recording, an ISO 8601 instant. */
  readonly recordedAt: string;
  readonly event: Event;
}

type AnyKind = EventKind<string, z.ZodType, Verb | typeof verbOfDataType>;

const byName: ReadonlyMap<string, AnyKind> = new Map(
  Object.values<AnyKind>(eventKinds).map((kind) => [kind.name, kind]),
);

/** The message is not an event: it lacks the shape of the envelope, or its data does not match its type. */
export class MalformedEventError extends Error {
  override name = 'MalformedEventError';
}

/**
 * A well-formed event of a kind or version that this build does not know, written by a newer build. It must
 * never be skipped.
 */
export class UnknownEventVersionError extends Error {
  override name = 'UnknownEventVersionError';
}

const explain = (error: z.ZodError): string =>
  error.issues.map((i) => `${i.path.join('.') || 'event'}: ${i.message}`).join('; ');

/**
 * Reads only the envelope. The recorder uses this, which also records events of unknown kinds.
 * @throws MalformedEventError
 */
export const readEnvelope = (input: unknown): Envelope => {
  const read = envelope.safeParse(input);
  if (!read.success) throw new MalformedEventError(explain(read.error));
  return read.data;
};

/**
 * Reads an event: validates its envelope and data, and converts older versions to the current one.
 * @throws MalformedEventError, UnknownEventVersionError
 */
export const readEvent = (input: unknown): Event => readRecorded(readEnvelope(input));

/** Cache of types: one entry for each kind and version. */
const known = new Map<string, { readonly kind: AnyKind; readonly version: number }>();

/** @throws UnknownEventVersionError */
const kindOf = (type: string): { readonly kind: AnyKind; readonly version: number } => {
  const found = known.get(type);
  if (found) return found;
  const [, name = '', version = ''] = /^(.*)\.v([0-9]+)$/.exec(type) ?? [];
  const kind = byName.get(name);
  if (!kind || Number(version) > kind.version) throw new UnknownEventVersionError(type);
  const one = { kind, version: Number(version) };
  // Accepts the canonical spelling only: v1 and not v01.
  if (type === `${kind.name}.v${one.version}`) known.set(type, one);
  return one;
};

/** @throws UnknownEventVersionError */
const verbOf = ({ verb }: AnyKind, data: unknown): Verb => {
  if (verb !== verbOfDataType) return verb;
  const named = kindOf((data as { readonly type: string }).type).kind.verb;
  if (named === verbOfDataType) throw new MalformedEventError('data.type names no event of a command');
  return named;
};

/**
 * Reads an event whose envelope was validated before it was recorded. This takes half the time, which matters
 * when the whole event store is read.
 * @throws MalformedEventError, UnknownEventVersionError
 */
export const readRecorded = (outer: Envelope): Event => {
  const { kind, version } = kindOf(outer.type);
  let data: unknown = outer.data;
  for (let v = version; v < kind.version; v++) {
    const up = kind.upcast[v];
    if (!up) throw new UnknownEventVersionError(`${outer.type}: no upcaster from v${v}`);
    data = up(data);
  }
  const read = kind.data.safeParse(data);
  if (!read.success) throw new MalformedEventError(`${outer.type}: ${explain(read.error)}`);
  // The kind was looked up by the event's own name and has just validated the data.
  return {
    ...outer,
    name: kind.name,
    verb: verbOf(kind, read.data),
    type: `${kind.name}.v${kind.version}`,
    data: read.data,
  } as Event;
};

/** Returns whether an event is of a kind, in any version: also in one that this build does not know. */
export const isOf = ({ type }: Pick<Envelope, 'type'>, { name }: { readonly name: EventName }): boolean =>
  type.startsWith(`${name}.v`);

/** Returns the event as it is published and stored: the CloudEvent without the fields that readEvent adds. */
export const writeEvent = ({ name: _name, verb: _verb, ...cloudEvent }: Event): Envelope => cloudEvent;

/** Input of makeEvent. The kind determines all else. */
export interface NewEvent<N extends EventName> {
  readonly name: N;
  readonly id: string;
  readonly subject: string;
  readonly actor: string;
  /** ISO 8601 instant. */
  readonly time: string;
  readonly data: EventData<N>;
  readonly idempotencykey?: string;
  readonly inputhash?: string;
  readonly requestid?: string;
  readonly traceparent?: string;
}

/** Builds and validates an event of the current version. @throws MalformedEventError */
export const makeEvent = <N extends EventName>({ name, ...rest }: NewEvent<N>): Event =>
  readEvent({
    specversion: '1.0',
    source: 'rookery/mutation',
    type: `${name}.v${byName.get(name)?.version}`,
    datacontenttype: 'application/json',
    ...rest,
  });

/** Returns the event that is recorded in place of a refused one. */
export const rejectionOf = (
  { id, subject, actor, time, type, requestid, traceparent }: Envelope,
  reason: Rejection,
): Envelope => ({
  specversion: '1.0',
  source: 'rookery/recorder',
  id,
  type: `${commandRejected.name}.v${commandRejected.version}`,
  subject,
  actor,
  time,
  datacontenttype: 'application/json',
  ...(requestid === undefined ? {} : { requestid }),
  ...(traceparent === undefined ? {} : { traceparent }),
  data: { type, reason } satisfies EventData<'rookery.command.rejected'>,
});

export type { StoredEvent } from './stored-event.ts';
export type { Envelope, EventKind, Rejection };
export { eventKinds };
