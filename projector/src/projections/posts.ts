import type { PostDoc, PostRevision } from '@rookery/read-models';
import { ofActor, only, without } from './by-actor.ts';
import { type MergeOf, newer, type Projection, versionOf } from './define.ts';

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
const settle = (doc: PostDoc): PostDoc => {
  if (doc.author === null) return doc;
  const deletions = only(doc.deletions, doc.author);
  if (ofActor(deletions, doc.author) !== undefined) {
    return { ...doc, body: null, version: null, editedAt: null, revisions: {}, deletions, deleted: true };
  }
  const revision = ofActor(doc.revisions, doc.author);
  return {
    ...doc,
    ...(revision ? { body: revision.body, version: revision.version, editedAt: revision.at } : {}),
    revisions: only(doc.revisions, doc.author),
    deletions,
  };
};

const posts: MergeOf<'posts'> = {
  collection: 'posts',

  affectedIds({ event }) {
    if (event.name === 'rookery.post.published') return [event.id];
    if (event.name === 'rookery.post.edited' || event.name === 'rookery.post.deleted') return [event.subject];
    return [];
  },

  merge(before, recorded) {
    const { event, position } = recorded;
    const doc = before ?? notPublished;
    const { actor } = event;
    if (event.name === 'rookery.post.published') {
      if (doc.author !== null) return doc;
      return settle({
        ...doc,
        author: actor,
        createdAt: event.time,
        position,
        inReplyTo: event.data.inReplyTo ?? null,
        body: event.data.body,
        version: versionOf(recorded),
      });
    }
    // Ignores changes by other actors once the author is known.
    if (doc.author !== null && doc.author !== actor) return doc;
    if (event.name === 'rookery.post.edited') {
      // An edit that arrives after the deletion must not bring the text back.
      if (ofActor(doc.deletions, actor) !== undefined) return doc;
      const revision: PostRevision = { body: event.data.body, version: versionOf(recorded), at: event.time };
      if (!newer(revision.version, ofActor(doc.revisions, actor)?.version ?? null)) return doc;
      return settle({ ...doc, revisions: { ...doc.revisions, [actor]: revision } });
    }
    if (event.name === 'rookery.post.deleted') {
      const earlier = ofActor(doc.deletions, actor);
      if (earlier !== undefined && earlier <= event.time) return doc;
      return settle({
        ...doc,
        revisions: without(doc.revisions, actor),
        deletions: { ...doc.deletions, [actor]: event.time },
      });
    }
    return doc;
  },

  counts: [
    { kind: 'posts', field: 'author', where: { deleted: false } },
    { kind: 'replies', field: 'inReplyTo', where: { deleted: false } },
  ],

  topics: ({ inReplyTo }, id) => (inReplyTo === null ? [`post:${id}`] : [`post:${id}`, `post:${inReplyTo}`]),
};

/** Posts, with their edits and deletions. */
export const postsProjection: Projection = {
  name: 'posts',
  merges: [posts],
  erases: ({ event }) => event.name === 'rookery.post.deleted',
};
