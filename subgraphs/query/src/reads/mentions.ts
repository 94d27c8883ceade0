import { handlesIn, type UserDoc } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { MentionModel, PostModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { mentionView } from '../views.ts';

/** Returns the handles by which a text mentions users, in its order: each has had the one that the text has. */
const handlesOf = (text: string, users: readonly (UserDoc | undefined)[]): (string | undefined)[] => {
  const handles = handlesIn(text);
  let next = 0;
  return users.map((user) => {
    const had = [user?.handle, ...(user?.handles ?? []).map(({ handle }) => handle)];
    const at = handles.findIndex((handle, i) => i >= next && had.includes(handle));
    if (at < 0) return undefined;
    next = at + 1;
    return handles[at];
  });
};

/** Returns the users whom a post mentions, with the handles by which its body mentions them. */
export const readMentions = async (
  { loaders }: QueryContext,
  { body, mentions }: Pick<PostModel, 'body' | 'mentions'>,
): Promise<MentionModel[]> => {
  if (mentions.length === 0) return [];
  const users = await showAll(mentionView(loaders), mentions);
  const handles = handlesOf(body, await Promise.all(mentions.map((id) => loaders.users.load(id))));
  return users.flatMap((user, i) =>
    user === undefined ? [] : [{ handle: handles[i] ?? user.handle, user }],
  );
};
