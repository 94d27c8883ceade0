/**
 * Records the operations of clients and the results they received, and reconciles them with the event store
 * at the end. It shares no code with the product: the names of events are repeated on purpose.
 */

import { type Action, aboutActor, aboutWord, actions } from './actions.ts';
import type { Interval } from './client-order.ts';
import type { Fact as SocialFact } from './social.ts';

export type Outcome =
  /** Acknowledged. */
  | 'ok'
  /** Refused for good: it must have had no effect. */
  | 'failed'
  /** No answer, or one that says to try again: it may have had one effect. */
  | 'unknown';

/** Actions that become another event, depending on what the product knows: a protected account is asked. */
const others: Partial<Record<Action, string>> = { follow: 'rookery.user.follow-requested.v1' };

/** Recorded in the place of a command that was accepted although its key already stood for another one. */
const rejected = 'rookery.command.rejected.v1';

/**
 * Facts that the product may add to what a client sent, if the documents did not answer: a follow says that nobody could tell whether
 * the account is protected, a reply who may reply, and a hidden reply whose thread it is in.
 */
const additions: Partial<Record<Action, Readonly<Record<string, unknown>>>> = {
  follow: { unchecked: true },
  publish: { unchecked: true },
  'hide reply': { unchecked: true },
  'unhide reply': { unchecked: true },
};

/** Content that no client sends: the first post of the thread of a reply and its author, the author of a quoted post, and reporters. */
interface LookedUp {
  readonly inReplyTo?: string;
  readonly thread?: string;
  readonly threadAuthor?: string;
  readonly quoted?: string;
  readonly quotedAuthor?: string;
  readonly reporters?: readonly string[];
}

/** Returns the data of an event without what its command has looked up. */
const withoutLookedUp = (data: unknown): unknown => {
  const { thread: _thread, threadAuthor: _author, quotedAuthor: _quoted, ...rest } = (data ?? {}) as LookedUp;
  const { reporters: _reporters, ...sent } = rest;
  return sent;
};

export interface Operation extends Interval {
  readonly n: number;
  /** Null for a sign-up: its actor is whoever comes of it. */
  readonly actor: string | null;
  readonly action: Action;
  /** Post, user or list of the operation; null if the operation creates it, or if it is not sent. */
  readonly subject: string | null;
  /** Content of the event. */
  readonly data: Readonly<Record<string, unknown>>;
  /** Content of the input, if it is not that of the event. */
  readonly input?: Readonly<Record<string, unknown>> | undefined;
  /** People whom a text mentions. The product records those whom it finds, and nobody if the documents do not answer. */
  readonly mentions?: readonly string[];
  /**
   * One effect per actor and key. Without one, each operation is its own. Operations that share a key differ in what they
   * ask for: at most one of them takes effect.
   */
  readonly key: string | null;
  /** One for each time that it was sent. */
  readonly requests: string[];
  outcome: Outcome;
  /** The activity that the answers named; all of them must name the same. */
  activity: string | null;
  answered: number | null;
}

/** An event as the store holds it. */
export interface Recorded {
  readonly position: number;
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly actor: string;
  readonly time: string;
  readonly key: string | null;
  readonly request: string | null;
  readonly data: unknown;
}

/** An effect that did take place: what the reference model says was done, with the place and time that the store gave it. */
type Fact = SocialFact & Interval;

export interface Settled {
  readonly facts: readonly Fact[];
  /** Activities of accepted commands that were rejected, because another command has taken effect under their key. */
  readonly rejected: readonly string[];
  /** Acknowledged and not in the store. */
  readonly lost: readonly string[];
  /** In the store more than once for one operation, or for one key. */
  readonly doubled: readonly string[];
  /** In the store with nobody having done it, though it was refused, or with other content than was sent. */
  readonly wrong: readonly string[];
  /** Outcomes of the operations without a known result. */
  readonly unknown: { readonly applied: number; readonly notApplied: number };
}

const same = (a: unknown, b: unknown): boolean => canonical(a) === canonical(b);

/** Returns JSON with sorted keys: equal if and only if the values are equal. */
export const canonical = (value: unknown): string =>
  JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );

const describe = ({ n, action, subject, key, activity, outcome }: Operation): string =>
  `#${n} ${action} ${subject ?? ''} (${outcome}, activity ${activity}, key ${key})`;

const keyOf = ({ actor, key }: Operation): string | null => (key === null ? null : `${actor} ${key}`);

/** Texts with mentions, or with quotes, among which the documents have answered once. */
const manyTexts = 10;

export class ReferenceModel {
  readonly operations: Operation[] = [];
  /** Counts what is written down, for the order of sending and answering. */
  #log = 0;

  begin(
    what: Pick<Operation, 'actor' | 'action' | 'subject' | 'data' | 'input' | 'mentions' | 'key'>,
  ): Operation {
    const operation: Operation = {
      ...what,
      n: this.operations.length + 1,
      requests: [],
      outcome: 'unknown',
      activity: null,
      sent: ++this.#log,
      answered: null,
    };
    this.operations.push(operation);
    return operation;
  }

  /** The first answer counts: whoever sends the same key again gives no new command. */
  accepted(operation: Operation, activity: string): void {
    operation.outcome = 'ok';
    operation.activity = activity;
    operation.answered ??= ++this.#log;
  }

  count(outcome: Outcome): number {
    return this.operations.filter((operation) => operation.outcome === outcome).length;
  }

  /**
   * Explains every event by an operation and every acknowledgement by an event.
   * @param foreign ids of events that somebody else has put there on purpose
   */
  settle(recorded: readonly Recorded[], foreign: ReadonlySet<string> = new Set()): Settled {
    const settlement = new Settlement(this.operations);
    for (const event of recorded) if (!foreign.has(event.id)) settlement.add(event);
    return settlement.finish();
  }
}

/** Assigns recorded events to operations. */
class Settlement {
  readonly #operations: readonly Operation[];
  readonly #byActivity = new Map<string, Operation>();
  readonly #byRequest = new Map<string, Operation>();
  readonly #byKey = new Map<string, Operation>();
  readonly #found = new Map<Operation, Recorded>();
  readonly #rejections = new Map<Operation, Recorded>();
  /** By key. */
  readonly #effects = new Map<string, Recorded>();
  readonly #facts: Fact[] = [];
  readonly #doubled: string[] = [];
  readonly #wrong: string[] = [];

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
    for (const operation of operations) {
      if (operation.activity !== null) this.#byActivity.set(operation.activity, operation);
      for (const request of operation.requests) this.#byRequest.set(request, operation);
      const key = keyOf(operation);
      if (key !== null && !this.#byKey.has(key)) this.#byKey.set(key, operation);
    }
  }

  add(event: Recorded): void {
    const operation =
      this.#byActivity.get(event.id) ??
      this.#byRequest.get(event.request ?? '') ??
      this.#byKey.get(`${event.actor} ${event.key}`);
    if (!operation) {
      this.#wrong.push(`nobody did ${event.type} at ${event.position}`);
      return;
    }
    if (operation.outcome === 'failed') this.#wrong.push(`refused, and yet applied: ${describe(operation)}`);
    const before = this.#found.get(operation);
    if (before) {
      this.#doubled.push(`${describe(operation)} at ${before.position} and ${event.position}`);
      return;
    }
    this.#found.set(operation, event);
    this.#compare(operation, event);
    if (event.type === rejected) this.#rejections.set(operation, event);
    else this.#addEffect(operation, event);
  }

  /** The author of a thread has published its first post, that of a quoted post has published it, and reporters have reported. */
  #compareLookedUp(): void {
    const authors = new Map(
      this.#facts.flatMap(({ event }) =>
        event.type === actions.publish.event ? [[event.id, event.actor] as const] : [],
      ),
    );
    const reports = new Set(
      this.#facts.flatMap(({ event: { type, actor, subject } }) =>
        type === actions['report post'].event ? [`${actor} ${subject}`] : [],
      ),
    );
    for (const { data, position, subject } of this.#found.values()) {
      const { inReplyTo, thread = inReplyTo, threadAuthor, ...found } = (data ?? {}) as LookedUp;
      const isOf = (author: string | undefined, post = ''): boolean =>
        author === undefined || (authors.get(post) ?? author) === author;
      if (!isOf(threadAuthor, thread))
        this.#wrong.push(`another author of the thread than that of its first post, at ${position}`);
      if (!isOf(found.quotedAuthor, found.quoted))
        this.#wrong.push(`another author of the quoted post than its own, at ${position}`);
      if (found.reporters?.some((reporter) => !reports.has(`${reporter} ${subject}`)))
        this.#wrong.push(`an answer to somebody who has not reported, at ${position}`);
    }
  }

  /** Each word of each person has one id of its own. */
  #compareWords(): void {
    const ids = new Map<string, string>();
    for (const [{ action, actor }, { subject, data, position }] of this.#found) {
      if (!aboutWord.has(action)) continue;
      const word = `${actor} ${(data as { readonly word?: string }).word}`;
      const others = [...ids].filter(([other, id]) => (other === word) !== (id === subject));
      if (others.length > 0) this.#wrong.push(`another id of a muted word, at ${position}`);
      ids.set(word, subject);
    }
  }

  finish(): Settled {
    this.#compareLookedUp();
    this.#compareWords();
    for (const [operation, { position }] of this.#rejections)
      if (!this.#effects.has(keyOf(operation) ?? ''))
        this.#wrong.push(
          `rejected although its key stands for nothing else: ${describe(operation)} at ${position}`,
        );
    this.#expectMentions();
    this.#expectConsents();
    const unsettled = this.#operations.filter(({ outcome }) => outcome === 'unknown');
    const applied = unsettled.filter(
      (operation) => this.#found.has(operation) && !this.#rejections.has(operation),
    ).length;
    const lost = this.#operations.filter(
      (operation) => operation.outcome === 'ok' && this.#found.get(operation)?.id !== operation.activity,
    );
    return {
      facts: this.#facts,
      rejected: [...this.#rejections.values()].map(({ id }) => id),
      lost: lost.map(describe),
      doubled: this.#doubled,
      wrong: this.#wrong,
      unknown: { applied, notApplied: unsettled.length - applied },
    };
  }

  /** One text may lack those whom it mentions, but not all of many. */
  #expectMentions(): void {
    const texts = [...this.#found].filter(([{ mentions = [] }]) => mentions.length > 0);
    if (texts.length >= manyTexts && texts.every(([, { data }]) => splitMentions(data).mentions.length === 0))
      this.#wrong.push(`nobody is mentioned by any of ${texts.length} texts`);
  }

  /** One quote may lack the author who has consented to it, but not all of many. */
  #expectConsents(): void {
    const quotes = [...this.#found].filter(([{ data }]) => data.quoted !== undefined);
    if (
      quotes.length >= manyTexts &&
      quotes.every(([, { data }]) => (data as LookedUp).quotedAuthor === undefined)
    )
      this.#wrong.push(`nobody has consented to any of ${quotes.length} quotes`);
  }

  /** Compares an event with the operation that it belongs to. */
  #compare(operation: Operation, event: Recorded): void {
    const isRejected = event.type === rejected;
    const type = typeOf(operation, isRejected ? (event.data as { readonly type?: string }).type : event.type);
    const [expectedType, expectedData] = isRejected
      ? [rejected, { type, reason: 'IDEMPOTENCY_KEY_REUSED' }]
      : [type, operation.data];
    const { subject, actor } = targetOf(operation, event);
    if (event.type !== expectedType || event.subject !== subject || event.actor !== actor)
      this.#wrong.push(
        `another kind, subject or actor than was sent: ${describe(operation)} at ${event.position}`,
      );
    const mayAdd = operation.action !== 'publish' || operation.data.inReplyTo !== undefined;
    const isPlain = event.type === actions[operation.action].event;
    const added = isPlain && mayAdd ? additions[operation.action] : undefined;
    const found = withoutLookedUp(event.data);
    const { mentions, ...data } = splitMentions(found);
    const isMeant = mentions.every((person) => operation.mentions?.includes(person));
    if (!isMeant || (!same(data, expectedData) && !(added && same(data, { ...expectedData, ...added }))))
      this.#wrong.push(`other data than was sent: ${describe(operation)} at ${event.position}`);
  }

  #addEffect(operation: Operation, event: Recorded): void {
    const key = keyOf(operation);
    const sameKey = key === null ? undefined : this.#effects.get(key);
    if (sameKey)
      this.#doubled.push(
        `one key, two effects: ${describe(operation)} at ${sameKey.position} and ${event.position}`,
      );
    else if (key !== null) this.#effects.set(key, event);
    const { position, id, time } = event;
    const { sent, answered } = operation;
    // With whom and what the product has found in addition, which has been compared.
    const data = { ...operation.data, ...(event.data as object) };
    const { subject, actor } = targetOf(operation, event);
    this.#facts.push({
      sent,
      answered,
      position,
      event: { id, type: typeOf(operation, event.type), subject, actor, time, data },
    });
  }
}

/** Returns the type of the event that an operation becomes: this one, if it may be. */
const typeOf = ({ action }: Operation, found: string | undefined): string => {
  const other = others[action];
  return other !== undefined && found === other ? other : actions[action].event;
};

/** Splits what an event says into the people whom the product has found in the text, and all else. */
const splitMentions = (data: unknown): { readonly mentions: readonly string[] } => ({
  mentions: [],
  ...(data as { readonly mentions?: readonly string[] }),
});

/** Subject and actor as they were sent; those of a creation come of its event. */
const targetOf = ({ action, subject, actor }: Operation, event: Recorded) => {
  const own = aboutActor.has(action) ? actor : aboutWord.has(action) ? event.subject : null;
  return { subject: subject ?? own ?? event.id, actor: actor ?? event.id };
};
