import type { Envelope } from '@rookery/schema/events';
import { dateTime } from '@rookery/service';
import type { Resolvers } from '../generated/resolvers.ts';
import type { Command } from './commands/command.ts';
import { deletePost, editPost, publishPost } from './commands/post.ts';
import { updateProfile } from './commands/profile.ts';
import { likePost, sharePost, unlikePost, unsharePost } from './commands/reaction.ts';
import { followUser, unfollowUser } from './commands/relation.ts';
import type { MutationContext } from './context.ts';
import { receipt } from './models.ts';

/** A resolver that executes the command and answers with its receipt and what else the payload has. */
const executes =
  <Input extends object, Knowledge, Rest extends object>(
    command: Command<Input, Knowledge>,
    rest: (event: Envelope) => Rest,
  ) =>
  async (_root: unknown, { input }: { input: object }, context: MutationContext) => {
    const event = await context.execute(command, input, context);
    return { activity: receipt(command.verb, event), ...rest(event) };
  };

const itsPost = ({ subject }: Envelope) => ({ post: { id: subject } });
const itsUser = ({ subject }: Envelope) => ({ user: { id: subject } });

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Mutation: {
    signUp: (_root, { input }, context) => context.accounts.signUp(input, context),
    logIn: (_root, { input }, context) => context.accounts.logIn(input),
    logOut: (_root, _args, context) => context.accounts.logOut(context),
    changePassword: (_root, { input }, context) => context.accounts.changePassword(input, context),
    updateProfile: executes(updateProfile, itsUser),
    publishPost: executes(publishPost, itsPost),
    editPost: executes(editPost, itsPost),
    deletePost: executes(deletePost, () => ({ post: null })),
    likePost: executes(likePost, itsPost),
    unlikePost: executes(unlikePost, itsPost),
    sharePost: executes(sharePost, itsPost),
    unsharePost: executes(unsharePost, itsPost),
    followUser: executes(followUser, itsUser),
    unfollowUser: executes(unfollowUser, itsUser),
  },
};
