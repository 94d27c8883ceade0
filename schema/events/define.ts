import type { z } from 'zod';
import type { Envelope } from './envelope.ts';

/** Values of the enum Verb of the public contract. */
export type Verb =
  | 'SIGN_UP'
  | 'UPDATE_PROFILE'
  | 'POST'
  | 'EDIT'
  | 'DELETE'
  | 'LIKE'
  | 'UNLIKE'
  | 'SHARE'
  | 'UNSHARE'
  | 'FOLLOW'
  | 'UNFOLLOW';

/** Kind of an event: its type name, current version, validator of its data, and upcasters from older versions. */
export interface EventKind<Name extends string = string, Data extends z.ZodType = z.ZodType> {
  /** Name without the version: `rookery.post.published`. */
  readonly name: Name;
  readonly version: number;
  /** `of data.type`: the verb of the event kind that the data names. */
  readonly verb: Verb | 'of data.type';
  readonly data: Data;
  /** upcast[n] turns data of version n into data of version n + 1. */
  readonly upcast: Readonly<Record<number, (data: unknown) => unknown>>;
}

/** An event of a known kind, its data in the current version. */
export type EventOf<K extends EventKind> = Omit<Envelope, 'data' | 'type'> & {
  readonly name: K['name'];
  readonly type: `${K['name']}.v${number}`;
  readonly verb: Verb;
  readonly data: z.infer<K['data']>;
};

/** Defines an event kind. Each kind has its own file. */
export const defineEvent = <const Name extends string, Data extends z.ZodType>(kind: {
  name: Name;
  version: number;
  verb: Verb | 'of data.type';
  data: Data;
  upcast?: Readonly<Record<number, (data: unknown) => unknown>>;
}): EventKind<Name, Data> => ({ upcast: {}, ...kind });
