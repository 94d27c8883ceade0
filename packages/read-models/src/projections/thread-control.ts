import type { EventData, RecordedEvent } from '@rookery/schema/events';
import { ofActor, only } from './by-actor.ts';
import { newer, type Version, versionOf } from './define.ts';

/** People who may reply in a thread besides the author of its first post, if not everybody. */
export type ReplyPolicy = NonNullable<EventData<'rookery.post.published'>['replies']>;

/** The newest decision of one actor to hide a reply, or to show it again. */
interface Hiding {
  readonly hidden: boolean;
  readonly version: Version;
}
type Hidings = Readonly<Record<string, Hiding>>;

/** People who may quote a post besides its author, if not everybody. */
export type QuotePolicy = NonNullable<EventData<'rookery.post.published'>['quotes']>;

interface Choice<Policy> {
  readonly policy: 'EVERYONE' | Policy;
  readonly version: Version;
}

/** The newest choice of each policy. */
interface Policies {
  readonly replies?: Choice<ReplyPolicy>;
  readonly quotes?: Choice<QuotePolicy>;
}

/**
 * The part of a post's document by which authors control their threads. A decision can come before the post itself, and from
 * somebody else, so decisions are kept by actor until the post is known, and then those that count.
 */
export interface ThreadControl {
  /** First post of the thread; absent: the post that it answers, or itself. */
  readonly thread?: string;
  /** Author of that post; absent: nobody could tell, or an earlier version wrote the document. */
  readonly threadAuthor?: string;
  /** Set on a reply of which nobody could tell whether its author may reply in the thread. */
  readonly unchecked?: true;
  /** People who may reply in the thread that it begins. Absent: everybody. */
  readonly replyPolicy?: ReplyPolicy;
  /** People who may quote the post. Absent: everybody. */
  readonly quotePolicy?: QuotePolicy;
  /** Actor → the newest choice of each policy. */
  readonly policies?: Readonly<Record<string, Policies>>;
  /** Actor → the newest decision to hide the reply. */
  readonly hidings?: Hidings;
  /** The same by actors of whom nobody could tell whether they are the author of the thread, until the post is known. */
  readonly guesses?: Hidings;
  /** Derived: the author of the thread has hidden this reply. */
  readonly hidden?: true;
}

type Controlled = ThreadControl & { readonly author: string | null };

/** Returns the id of the first post of the thread of a post. */
export const threadOf = (
  id: string,
  post: Pick<ThreadControl, 'thread'> & { readonly inReplyTo: string | null },
): string => post.thread ?? post.inReplyTo ?? id;

/** Returns the parts of a document that a publication decides. */
export const publishedControl = ({
  thread,
  threadAuthor,
  unchecked,
  replies,
  quotes,
}: EventData<'rookery.post.published'>): ThreadControl => ({
  ...(thread === undefined ? {} : { thread }),
  ...(threadAuthor === undefined ? {} : { threadAuthor }),
  ...(unchecked === undefined ? {} : { unchecked }),
  ...(replies === undefined ? {} : { replyPolicy: replies }),
  ...(quotes === undefined ? {} : { quotePolicy: quotes }),
});

/** Without a known author of the thread, the command that hid the reply must have known that its actor is that author. */
const counts = ({ threadAuthor }: Controlled, actor: string, isChecked: boolean): boolean =>
  threadAuthor === undefined ? isChecked : threadAuthor === actor;

/** Returns the decisions that count, once the post is known. */
const countedOf = (doc: Controlled): Hidings => {
  const counted = new Map<string, Hiding>();
  const add = (hidings: Hidings | undefined, isChecked: boolean): void => {
    for (const [actor, hiding] of Object.entries(hidings ?? {}))
      if (counts(doc, actor, isChecked) && newer(hiding.version, counted.get(actor)?.version ?? null))
        counted.set(actor, hiding);
  };
  add(doc.hidings, true);
  add(doc.guesses, false);
  return Object.fromEntries(counted);
};

const nonEmpty = <K extends string, T extends object>(key: K, entries: T): { [key in K]?: T } =>
  (Object.keys(entries).length === 0 ? {} : { [key]: entries }) as { [key in K]?: T };

/** Derives what the decisions that count have done, once the post is known. */
export const withThreadControl = <Doc extends Controlled>(doc: Doc): Doc => {
  const { author, policies = {}, replyPolicy, quotePolicy, hidings: _, guesses: _guesses, ...known } = doc;
  const { hidden: _before, ...rest } = known;
  if (author === null) return doc;
  const hidings = countedOf(doc);
  const own = ofActor(policies, author);
  const replies = own?.replies?.policy ?? replyPolicy ?? 'EVERYONE';
  const quotes = own?.quotes?.policy ?? quotePolicy ?? 'EVERYONE';
  return {
    ...rest,
    author,
    ...nonEmpty('policies', only(policies, author)),
    ...nonEmpty('hidings', hidings),
    ...(replies === 'EVERYONE' ? {} : { replyPolicy: replies }),
    ...(quotes === 'EVERYONE' ? {} : { quotePolicy: quotes }),
    ...(Object.values(hidings).some(({ hidden }) => hidden) ? { hidden: true } : {}),
  } as unknown as Doc;
};

/** Notes who may reply and quote. Returns the given document if nothing changes. */
export const withPolicy = <Doc extends Controlled>(
  doc: Doc,
  recorded: RecordedEvent,
  chosen: EventData<'rookery.post.policy-set'>,
): Doc => {
  const { actor } = recorded.event;
  const version = versionOf(recorded);
  if (doc.author !== null && doc.author !== actor) return doc;
  const before = ofActor(doc.policies ?? {}, actor) ?? {};
  const changes = (['replies', 'quotes'] as const).flatMap((field) => {
    const policy = chosen[field];
    return policy !== undefined && newer(version, before[field]?.version ?? null)
      ? [[field, { policy, version }] as const]
      : [];
  });
  if (changes.length === 0) return doc;
  const after = { ...before, ...Object.fromEntries(changes) };
  return withThreadControl({ ...doc, policies: { ...doc.policies, [actor]: after } });
};

/** Notes that somebody has hidden a reply, or shows it again. Returns the given document if nothing changes. */
export const withHiding = <Doc extends Controlled>(
  doc: Doc,
  recorded: RecordedEvent,
  hidden: boolean,
  { unchecked }: EventData<'rookery.post.reply-hidden'>,
): Doc => {
  const { actor } = recorded.event;
  const hiding: Hiding = { hidden, version: versionOf(recorded) };
  const isKnown = doc.author !== null;
  if (isKnown && !counts(doc, actor, unchecked !== true)) return doc;
  const field = !isKnown && unchecked ? 'guesses' : 'hidings';
  if (!newer(hiding.version, ofActor(doc[field] ?? {}, actor)?.version ?? null)) return doc;
  return withThreadControl({ ...doc, [field]: { ...doc[field], [actor]: hiding } });
};
