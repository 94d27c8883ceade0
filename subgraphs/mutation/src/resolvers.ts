import { dateTime } from '@rookery/graphql-server';
import { relationId, shareItemId } from '@rookery/read-models';
import { type Envelope, readEvent } from '@rookery/schema/events';
import type { Resolvers } from '../generated/resolvers.ts';
import type { Command } from './commands/command.ts';
import { deletePost, editPost, publishPost } from './commands/post.ts';
import { updateProfile } from './commands/profile.ts';
import { likePost, sharePost, unlikePost, unsharePost } from './commands/reaction.ts';
import { followUser, unfollowUser } from './commands/relation.ts';
import type { MutationContext } from './context.ts';
import { type Receipt, receipt } from './models.ts';

/** Returns the payload, and tells the gateway that later reads of the operation must reflect its activity. */
const toBeReflected = <Payload extends { readonly activity: Receipt | null }>(
  payload: Payload,
  { responseExtensions }: MutationContext,
): Payload => {
  if (payload.activity) responseExtensions.addReadAfter(payload.activity.id);
  return payload;
};

/** Returns a resolver that executes the command. Its payload has the receipt and what `rest` adds. */
const executes =
  <Input extends object, Knowledge, Rest extends object>(
    command: Command<Input, Knowledge>,
    rest: (event: Envelope) => Rest,
  ) =>
  async (_root: unknown, { input }: { input: object }, context: MutationContext) => {
    const event = await context.execute(command, input, context);
    return toBeReflected({ activity: receipt(command.verb, event), ...rest(event) }, context);
  };

const itsPost = ({ subject }: Envelope) => ({ post: { id: subject } });
const itsUser = ({ subject }: Envelope) => ({ user: { id: subject } });

/** The item of a post has the post's id. */
const published = (envelope: Envelope) => {
  const event = readEvent(envelope);
  const isReply = event.name === 'rookery.post.published' && event.data.inReplyTo !== undefined;
  return {
    ...itsPost(envelope),
    feedEdge: { itemId: envelope.subject },
    replyEdge: isReply ? { replyId: envelope.subject } : null,
  };
};
const deleted = ({ subject }: Envelope) => ({
  post: null,
  deletedPostId: subject,
  removedItemKey: itemKey(subject),
});
const shared = (event: Envelope) => ({
  ...itsPost(event),
  feedEdge: { itemId: shareItemId(event.actor, event.subject) },
});
const unshared = (event: Envelope) => ({
  ...itsPost(event),
  removedItemKey: itemKey(shareItemId(event.actor, event.subject)),
});
const followed = (event: Envelope) => {
  const id = relationId(event.actor, event.subject);
  return {
    ...itsUser(event),
    followingEdge: { followId: `following:${id}` },
    followerEdge: { followId: `followers:${id}` },
  };
};
const unfollowed = (event: Envelope) => ({ ...itsUser(event), unfollowedUserId: event.subject });

/** A feed item as caches call it that put the type before the id. */
const itemKey = (id: string): string => `FeedItem:${id}`;

export const resolvers: Resolvers = {
  DateTime: dateTime,
  Mutation: {
    signUp: async (_root, { input }, context) =>
      toBeReflected(await context.accounts.signUp(input, context), context),
    logIn: (_root, { input }, context) => context.accounts.logIn(input),
    refreshSession: (_root, { input }, context) => context.accounts.refreshSession(input, context),
    logOut: (_root, _args, context) => context.accounts.logOut(context),
    changePassword: (_root, { input }, context) => context.accounts.changePassword(input, context),
    updateProfile: executes(updateProfile, itsUser),
    publishPost: executes(publishPost, published),
    editPost: executes(editPost, itsPost),
    deletePost: executes(deletePost, deleted),
    likePost: executes(likePost, itsPost),
    unlikePost: executes(unlikePost, itsPost),
    sharePost: executes(sharePost, shared),
    unsharePost: executes(unsharePost, unshared),
    followUser: executes(followUser, followed),
    unfollowUser: executes(unfollowUser, unfollowed),
  },
};
