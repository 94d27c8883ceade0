import type { z } from 'zod';
import type { Envelope } from './envelope.ts';

/** Verb of an event kind whose data names the kind of another event, which has the verb. */
export const verbOfDataType = 'of data.type';

/** One kind of event. Everything that depends on the list of kinds is derived from these definitions. */
export interface EventKind<
  Name extends string = string,
  Data extends z.ZodType = z.ZodType,
  Verb extends string = string,
> {
  /** Name without the version: `rookery.post.published`. */
  readonly name: Name;
  readonly version: number;
  /** Value of the enum Verb of the public contract, or `verbOfDataType`. */
  readonly verb: Verb;
  /** Validator of the data in the current version. */
  readonly data: Data;
  /** Data in the current version, for the fixture of that version. */
  readonly example: z.infer<Data>;
  /** upcast[n] turns data of version n into data of version n + 1. */
  readonly upcast: Readonly<Record<number, (data: unknown) => unknown>>;
}

/** An event of a known kind, its data in the current version. */
export type EventOf<K extends EventKind, Verb extends string> = Omit<Envelope, 'data' | 'type'> & {
  readonly name: K['name'];
  readonly type: `${K['name']}.v${number}`;
  readonly verb: Verb;
  readonly data: z.infer<K['data']>;
};

/** Defines an event kind, in a file of `kinds/`. */
export const defineEvent = <const Name extends string, Data extends z.ZodType, const Verb extends string>(
  kind: Omit<EventKind<Name, Data, Verb>, 'upcast'> & Partial<Pick<EventKind, 'upcast'>>,
): EventKind<Name, Data, Verb> => ({ upcast: {}, ...kind });
