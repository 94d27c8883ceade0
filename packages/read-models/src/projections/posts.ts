import { eventKinds } from '@rookery/schema/events';
import { hashtagsOf } from '../text/hashtags.ts';
import { ofActor, only, without } from './by-actor.ts';
import { defineCollection, defineProjection, newer, type Version, versionOf } from './define.ts';
import { histories } from './histories.ts';

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
export interface PostDoc {
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
  /** Ids of the users whom the text to show mentions; absent if there are none. */
  readonly mentions?: readonly string[];
  /** Derived: hashtags of the text to show. Absent: there are none, or an earlier version wrote the document. */
  readonly hashtags?: readonly string[];
}

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

/**
 * Derives the visible state once the author is known: only the author's changes count, and their newest text
 * is shown. A deleted post keeps its place in the conversation, without any text.
 */
const withVisibleState = (doc: PostDoc): PostDoc => {
  if (doc.author === null) return doc;
  const deletions = only(doc.deletions, doc.author);
  const { mentions: published, hashtags: _derived, first: replaced, ...rest } = doc;
  if (ofActor(deletions, doc.author) !== undefined) {
    return { ...rest, body: null, version: null, editedAt: null, revisions: {}, deletions, deleted: true };
  }
  const revision = ofActor(doc.revisions, doc.author);
  // Without an edit, the text is that of the publication.
  const first = replaced ?? (revision && doc.editedAt === null ? doc.body : null);
  const mentions = revision ? revision.mentions : published;
  const hashtags = hashtagsOf(revision?.body ?? doc.body ?? '');
  return {
    ...rest,
    ...(revision ? { body: revision.body, version: revision.version, editedAt: revision.at } : {}),
    revisions: only(doc.revisions, doc.author),
    deletions,
    ...(first === null ? {} : { first }),
    ...(mentions === undefined ? {} : { mentions }),
    ...(hashtags.length === 0 ? {} : { hashtags }),
  };
};

/** Returns the mentions of a text, if there are any, as a field of a document. */
const mentionsIn = ({ mentions = [] }: { readonly mentions?: readonly string[] | undefined }) =>
  mentions.length === 0 ? {} : { mentions };

const posts = defineCollection<PostDoc>()({
  indexes: [
    { equal: ['inReplyTo', 'deleted'], order: 'position' },
    { equal: ['author', 'deleted'], order: 'position' },
    { each: 'hashtags', equal: [], order: 'position' },
  ],
  on: [eventKinds.postPublished, eventKinds.postEdited, eventKinds.postDeleted],

  affectedIds: ({ event }) => [event.name === 'rookery.post.published' ? event.id : event.subject],

  merge(before, recorded) {
    const { event, position } = recorded;
    const doc = before ?? notPublished;
    const { actor } = event;
    if (event.name === 'rookery.post.published') {
      if (doc.author !== null) return doc;
      return withVisibleState({
        ...doc,
        author: actor,
        createdAt: event.time,
        position,
        inReplyTo: event.data.inReplyTo ?? null,
        body: event.data.body,
        version: versionOf(recorded),
        ...mentionsIn(event.data),
      });
    }
    // Ignores changes by other actors once the author is known.
    if (doc.author !== null && doc.author !== actor) return doc;
    if (event.name === 'rookery.post.edited') {
      // An edit that arrives after the deletion must not bring the text back.
      if (ofActor(doc.deletions, actor) !== undefined) return doc;
      const revision: PostRevision = {
        body: event.data.body,
        version: versionOf(recorded),
        at: event.time,
        ...mentionsIn(event.data),
      };
      if (!newer(revision.version, ofActor(doc.revisions, actor)?.version ?? null)) return doc;
      return withVisibleState({ ...doc, revisions: { ...doc.revisions, [actor]: revision } });
    }
    const earlier = ofActor(doc.deletions, actor);
    if (earlier !== undefined && earlier <= event.time) return doc;
    return withVisibleState({
      ...doc,
      revisions: without(doc.revisions, actor),
      deletions: { ...doc.deletions, [actor]: event.time },
    });
  },

  counts: {
    posts: { field: 'author', where: { deleted: false } },
    replies: { field: 'inReplyTo', where: { deleted: false } },
  },

  topics: ({ inReplyTo }, id) => (inReplyTo === null ? [`post:${id}`] : [`post:${id}`, `post:${inReplyTo}`]),
});

/** Posts, with their edits and deletions. */
export const postsProjection = defineProjection({
  name: 'posts',
  collections: { posts, histories },
  erases: ({ event }) => event.name === 'rookery.post.deleted',
});
