import { handlesIn } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { MentionModel, PostModel } from '../models.ts';
import { showAll } from '../pipeline.ts';
import { mentionView } from '../views.ts';

/** Returns the users whom a post mentions, with the handles by which its body mentions them. */
export const readMentions = async (
  { loaders }: QueryContext,
  { body, mentions }: Pick<PostModel, 'body' | 'mentions'>,
): Promise<MentionModel[]> => {
  if (mentions.length === 0) return [];
  const users = await showAll(mentionView(loaders), mentions);
  const handles = handlesIn(body);
  return users.flatMap((user) => {
    if (user === undefined) return [];
    const handle = handles.find((one) => one === user.handle) ?? user.handle;
    return [{ handle, user }];
  });
};
