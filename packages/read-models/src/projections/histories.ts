import { eventKinds } from '@rookery/schema/events';
import { ofActor, without } from './by-actor.ts';
import {
  type Collection,
  defineCollection,
  isSameVersion,
  newer,
  type Version,
  versionOf,
} from './define.ts';

/** Edits of a post that are kept for each actor: the newest. */
const maxEdits = 20;

/** A text that an edit gave to a post. */
interface Edit {
  readonly body: string;
  readonly version: Version;
  /** ISO 8601 instant. */
  readonly at: string;
  readonly position: number;
}

/**
 * `histories/<postId>`: the texts that edits have given to a post. There is none for a post that nobody has edited or deleted; the
 * published text is in the document of the post.
 */
export interface HistoryDoc {
  /** Actor → edits, the newest version first, unless this actor has deleted the post. Only those of the author count. */
  readonly edits: Readonly<Record<string, readonly Edit[]>>;
  /** Actor → true if this actor has deleted the post. */
  readonly deletions: Readonly<Record<string, true>>;
}

const { postEdited, postDeleted } = eventKinds;

export const histories: Collection<HistoryDoc, never> = defineCollection<HistoryDoc>()({
  indexes: [],
  on: [postEdited, postDeleted],
  affectedIds: ({ event }) => [event.subject],
  merge(before, recorded) {
    const { event, position } = recorded;
    const { actor } = event;
    const doc = before ?? { edits: {}, deletions: {} };
    const isDeleted = ofActor(doc.deletions, actor) === true;
    if (event.name === 'rookery.post.deleted') {
      if (isDeleted) return doc;
      return { edits: without(doc.edits, actor), deletions: { ...doc.deletions, [actor]: true } };
    }
    // An edit that arrives after the deletion must not bring a text back.
    if (isDeleted) return doc;
    const earlier = ofActor(doc.edits, actor) ?? [];
    const version = versionOf(recorded);
    if (earlier.some((edit) => isSameVersion(edit.version, version))) return doc;
    const at = earlier.findIndex((edit) => newer(version, edit.version));
    const place = at < 0 ? earlier.length : at;
    if (place >= maxEdits) return doc;
    const edit: Edit = { body: event.data.body, version, at: event.time, position };
    const edits = earlier.toSpliced(place, 0, edit).slice(0, maxEdits);
    return { ...doc, edits: { ...doc.edits, [actor]: edits } };
  },
});
