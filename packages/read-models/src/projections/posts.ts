import { type Event, type EventData, eventKinds, type RecordedEvent } from '@rookery/schema/events';
import { hashtagsOf } from '../text/hashtags.ts';
import { termsOfPost } from '../text/search-terms.ts';
import { barredHashtags } from './barred-hashtags.ts';
import { ofActor, only, without } from './by-actor.ts';
import { defineCollection, defineProjection, newer, type Version, versionOf } from './define.ts';
import { histories } from './histories.ts';
import { type Quoting, withQuoteOf, withRevocation } from './quotes.ts';
import {
  publishedControl,
  type ThreadControl,
  withHiding,
  withPolicy,
  withThreadControl,
} from './thread-control.ts';
import { trends } from './trends.ts';

/** Text that one actor wrote for a post. It counts only if that actor is the author. */
interface PostRevision {
  readonly body: string;
  /** Ids of the users whom it mentions; absent if there are none. */
  readonly mentions?: readonly string[];
  readonly version: Version;
  /** ISO 8601 instant. */
  readonly at: string;
}

/** `posts/<postId>`. An edit or a deletion can come before the post itself, and from somebody else. */
export interface PostDoc extends ThreadControl, Quoting {
  /** Null: not published yet. */
  readonly author: string | null;
  readonly createdAt: string | null;
  /** Position of the publication. */
  readonly position: number | null;
  /** Id of the post that it answers. */
  readonly inReplyTo: string | null;
  /**
   * Text to show: the newest revision by the author, otherwise the published text. Null before the
   * publication and after the deletion.
   */
  readonly body: string | null;
  /** Version of the text to show. */
  readonly version: Version | null;
  /** Actor → the newest revision, unless this actor has deleted the post. Once the author is known, only the author's. */
  readonly revisions: Readonly<Record<string, PostRevision>>;
  /** Actor → ISO 8601 instant of the earliest deletion; kept as the revisions are. */
  readonly deletions: Readonly<Record<string, string>>;
  /**
   * Derived: true if the author has deleted the post. The document is then a tombstone: no text, but the
   * place in the thread.
   */
  readonly deleted: boolean;
  readonly editedAt: string | null;
  /** Text of the publication if an edit has replaced it; absent if an earlier version wrote the document. */
  readonly first?: string;
  /** Absent: everybody may see it, and it counts (see `counts`). */
  readonly visibility?: Visibility;
  /** Ids of the users whom the text to show mentions; absent if there are none. */
  readonly mentions?: readonly string[];
  /** Derived: hashtags of the text to show. Absent: there are none, or an earlier version wrote the document. */
  readonly hashtags?: readonly string[];
  /** Derived: terms by which a search finds the text to show. Absent as hashtags are, and for a narrower audience than everybody. */
  readonly terms?: readonly string[];
  /** True while a moderator hides the post: only its author sees it. Otherwise absent, so that it does not count (see `counts`). */
  readonly moderated?: true;
  readonly moderationVersion?: Version;
  /**
   * Actor → users whom any of the actor's texts has mentioned, kept as the revisions are; absent if there are none. They
   * may see the post for good. A tombstone keeps them, so that they hear of the deletion.
   */
  readonly addressees?: Readonly<Record<string, readonly string[]>>;
}

/** Audience that is narrower than everybody. */
export type Visibility = NonNullable<EventData<'rookery.post.published'>['visibility']>;

/** Most addressees of a post, however often it is edited. */
const maxAddressees = 500;

const notPublished: PostDoc = {
  author: null,
  createdAt: null,
  position: null,
  inReplyTo: null,
  body: null,
  version: null,
  revisions: {},
  deletions: {},
  deleted: false,
  editedAt: null,
};

/** Adds addressees. If there are too many it keeps the smallest ids, so that the order of events makes no difference. */
const withAddressees = (doc: PostDoc, actor: string, mentions: readonly string[] = []): PostDoc => {
  const before = ofActor(doc.addressees ?? {}, actor) ?? [];
  if (mentions.every((user) => before.includes(user))) return doc;
  const all = [...new Set([...before, ...mentions])].sort().slice(0, maxAddressees);
  return { ...doc, addressees: { ...doc.addressees, [actor]: all } };
};

const onlyAuthors = ({ addressees, ...doc }: PostDoc, author: string): PostDoc => {
  const own = addressees && only(addressees, author);
  return own && Object.keys(own).length > 0 ? { ...doc, addressees: own } : doc;
};

/**
 * Derives the visible state once the author is known: only the author's changes count, and their newest text
 * is shown. A deleted post keeps its place in the conversation, without any text.
 */
const withVisibleState = (doc: PostDoc): PostDoc => {
  if (doc.author === null) return doc;
  const deletions = only(doc.deletions, doc.author);
  const {
    mentions: published,
    hashtags: _h,
    terms: _t,
    first: replaced,
    ...rest
  } = onlyAuthors(doc, doc.author);
  if (ofActor(deletions, doc.author) !== undefined) {
    return { ...rest, body: null, version: null, editedAt: null, revisions: {}, deletions, deleted: true };
  }
  const revision = ofActor(doc.revisions, doc.author);
  // Without an edit, the text is that of the publication.
  const first = replaced ?? (revision && doc.editedAt === null ? doc.body : null);
  const mentions = revision ? revision.mentions : published;
  const text = revision?.body ?? doc.body ?? '';
  const hashtags = hashtagsOf(text);
  const terms = doc.visibility === undefined ? termsOfPost(text) : [];
  return {
    ...rest,
    ...(revision ? { body: revision.body, version: revision.version, editedAt: revision.at } : {}),
    revisions: only(doc.revisions, doc.author),
    deletions,
    ...(first === null ? {} : { first }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(hashtags.length === 0 ? {} : { hashtags }),
    ...(terms.length === 0 ? {} : { terms }),
  };
};

/** Returns the mentions of a text, if there are any, as a field of a document. */
const mentionsIn = ({ mentions = [] }: { readonly mentions?: readonly string[] | undefined }) =>
  mentions.length === 0 ? {} : { mentions };

const withPublication = (
  doc: PostDoc,
  recorded: RecordedEvent,
  data: EventData<'rookery.post.published'>,
): PostDoc => {
  const { actor: author, time: createdAt } = recorded.event;
  const { body, inReplyTo, mentions, visibility } = data;
  const published = withVisibleState({
    ...withAddressees(doc, author, mentions),
    ...{ author, createdAt, position: recorded.position, body, version: versionOf(recorded) },
    inReplyTo: inReplyTo ?? null,
    ...(visibility ? { visibility } : {}),
    ...mentionsIn({ mentions }),
    ...publishedControl(data),
  });
  return withThreadControl(withQuoteOf(published, data));
};

/** Once the author is known, changes by others are ignored. */
const isOthers = ({ author }: PostDoc, { event }: RecordedEvent): boolean =>
  author !== null && author !== event.actor;

const withEdit = (
  before: PostDoc,
  recorded: RecordedEvent,
  { body, mentions }: EventData<'rookery.post.edited'>,
): PostDoc => {
  const { actor, time: at } = recorded.event;
  const doc = withAddressees(before, actor, mentions);
  // An edit that arrives after the deletion must not bring the text back.
  if (ofActor(doc.deletions, actor) !== undefined) return doc;
  const version = versionOf(recorded);
  if (!newer(version, ofActor(doc.revisions, actor)?.version ?? null)) return doc;
  const revision: PostRevision = { body, version, at, ...mentionsIn({ mentions }) };
  return withVisibleState({ ...doc, revisions: { ...doc.revisions, [actor]: revision } });
};

const withDeletion = (doc: PostDoc, { event: { actor, time } }: RecordedEvent): PostDoc => {
  const earlier = ofActor(doc.deletions, actor);
  if (earlier !== undefined && earlier <= time) return doc;
  return withVisibleState({
    ...doc,
    revisions: without(doc.revisions, actor),
    deletions: { ...doc.deletions, [actor]: time },
  });
};

const withModeration = (before: PostDoc, recorded: RecordedEvent, isHidden: boolean): PostDoc => {
  const version = versionOf(recorded);
  if (!newer(version, before.moderationVersion ?? null)) return before;
  const { moderated: _, ...doc } = before;
  return { ...doc, ...(isHidden ? { moderated: true } : {}), moderationVersion: version };
};

const posts = defineCollection<PostDoc>()({
  indexes: [
    { equal: ['inReplyTo', 'deleted'], order: 'position' },
    { equal: ['author', 'deleted'], order: 'position' },
    { equal: ['inReplyTo', 'hidden'], order: 'position' },
    { equal: ['quotes', 'deleted'], order: 'position' },
    { each: 'hashtags', equal: [], order: 'position' },
    { each: 'terms', equal: [], order: 'position' },
  ],
  on: [
    ...[eventKinds.postPublished, eventKinds.postEdited, eventKinds.postDeleted],
    ...[eventKinds.postPolicySet, eventKinds.postReplyHidden, eventKinds.postReplyUnhidden],
    eventKinds.postQuoteRevoked,
    ...[eventKinds.postHidden, eventKinds.postUnhidden],
  ],

  affectedIds: ({ event }) => [event.name === 'rookery.post.published' ? event.id : event.subject],

  merge(before, recorded) {
    const doc = before ?? notPublished;
    switch (recorded.event.name) {
      case 'rookery.post.published':
        return doc.author === null ? withPublication(doc, recorded, recorded.event.data) : doc;
      case 'rookery.post.policy-set':
        return withPolicy(doc, recorded, recorded.event.data);
      case 'rookery.post.reply-hidden':
        return withHiding(doc, recorded, true, recorded.event.data);
      case 'rookery.post.reply-unhidden':
        return withHiding(doc, recorded, false, recorded.event.data);
      case 'rookery.post.quote-revoked':
        return withRevocation(doc, recorded);
      case 'rookery.post.hidden':
        return withModeration(doc, recorded, true);
      case 'rookery.post.unhidden':
        return withModeration(doc, recorded, false);
      case 'rookery.post.edited':
        return isOthers(doc, recorded) ? doc : withEdit(doc, recorded, recorded.event.data);
      default:
        return isOthers(doc, recorded) ? doc : withDeletion(doc, recorded);
    }
  },

  // Posts with a narrower audience and hidden ones do not count: a count is the same for everybody. Null also matches a missing field.
  counts: {
    posts: { field: 'author', where: { deleted: false, visibility: null, moderated: null } },
    replies: {
      field: 'inReplyTo',
      where: { deleted: false, visibility: null, hidden: null, moderated: null },
    },
    // By the field that stays, which a revoked quote has as well.
    quotes: {
      field: 'quoted',
      where: { deleted: false, visibility: null, moderated: null, revocations: null },
    },
  },

  topics: ({ inReplyTo, quoted, editedAt, deleted, moderationVersion }, id) => [
    ...[id, inReplyTo, quoted].flatMap((post) => (post ? [`post:${post}` as const] : [])),
    // For those who see the text elsewhere, in a quote. Nobody does before it has changed.
    ...(editedAt !== null || deleted || moderationVersion ? [`text:${id}` as const] : []),
  ],
});

/** Returns the document of a post that is accepted and not projected yet; undefined if the event is of another kind. */
export const postOf = (event: Event): PostDoc | undefined =>
  event.name === 'rookery.post.published'
    ? posts.merge(undefined, { position: 0, recordedAt: event.time, event }, event.id)
    : undefined;

/** Posts, with their edits and deletions, the hashtags that are trending by them, and those that must not. */
export const postsProjection = defineProjection({
  name: 'posts',
  collections: { posts, histories, trends, barredHashtags },
  erases: ({ event }) => event.name === 'rookery.post.deleted',
});
