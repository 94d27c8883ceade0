import type { RelationName, Shapes } from '@rookery/read-models';
import { newId } from '@rookery/runtime';

/** Position and time at which a document is made. */
interface Moment {
  readonly position: number;
  readonly at: string;
}

/** Returns the time of a position. */
export const timeOf = (position: number): string =>
  new Date(1_750_000_000_000 + position * 1_000).toISOString();

interface NewUser extends Moment {
  readonly id: string;
  readonly handle: string;
  readonly name: string;
}

export const newUser = ({ id, handle, name, position, at }: NewUser): Shapes['users'] => ({
  handle,
  joinedAt: at,
  joinedPosition: position,
  name,
  nameVersion: [at, id],
  bio: null,
  bioVersion: null,
});

interface NewPost extends Moment {
  readonly id: string;
  readonly author: string;
  readonly inReplyTo: string | undefined;
  readonly body: string;
  readonly hashtags?: readonly string[] | undefined;
  readonly terms?: readonly string[] | undefined;
  readonly hidden?: true | undefined;
  readonly quotes?: string | undefined;
}

export const newPost = ({
  id,
  author,
  inReplyTo,
  body,
  hashtags,
  terms,
  hidden,
  quotes,
  position,
  at,
}: NewPost): Shapes['posts'] => ({
  author,
  createdAt: at,
  position,
  inReplyTo: inReplyTo ?? null,
  body,
  version: [at, id],
  revisions: {},
  deletions: {},
  deleted: false,
  editedAt: null,
  ...(hashtags === undefined ? {} : { hashtags }),
  ...(terms === undefined ? {} : { terms }),
  ...(hidden ? { hidden } : {}),
  ...(quotes === undefined ? {} : { quotes }),
});

interface NewItem extends Moment {
  readonly actor: string;
  readonly post: string;
}

/** Returns the feed item of a new post. */
export const newPostItem = ({ actor, post, position, at }: NewItem): Shapes['items'] => ({
  actor,
  verb: 'POST',
  post,
  at,
  position,
  active: true,
  version: null,
  deletions: {},
});

/** Returns the feed item of a share. */
export const newShareItem = ({ actor, post, position, at }: NewItem): Shapes['items'] => ({
  ...newPostItem({ actor, post, position, at }),
  verb: 'SHARE',
  version: [at, newId()],
});

interface NewRelation extends Moment {
  readonly actor: string;
  readonly object: string;
  readonly active: boolean;
}

export const newRelation = ({ actor, object, active, position, at }: NewRelation): Shapes[RelationName] => ({
  actor,
  object,
  active,
  version: [at, newId()],
  position,
  since: at,
});
