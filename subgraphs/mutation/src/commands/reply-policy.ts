import { badInput, forbidden } from '@rookery/graphql-server';
import type { ReplyPolicy } from '@rookery/read-models';
import { eventKinds } from '@rookery/schema/events';
import type { LookupResult } from '../lookup.ts';
import type { KnownInThread } from '../threads.ts';
import { mustBeThere } from './command.ts';

export const replyPolicy = eventKinds.postPolicySet.data.shape.replies.unwrap();

const refusals: Readonly<Record<ReplyPolicy, string>> = {
  FOLLOWERS: 'Only followers of the author of this thread may reply.',
  FOLLOWED: 'Only people whom the author of this thread follows may reply.',
  MENTIONED: 'Only people whom the first post of this thread mentions may reply.',
  NOBODY: 'Only the author of this thread may reply.',
};

/** Returns the refusal of a policy for a reply. */
export const onlyFirstDecides = () =>
  badInput('replyPolicy', 'replyPolicy: only the first post of a thread decides who may reply.');

/**
 * Returns what the event of a reply records of its thread.
 * @throws RookeryError NOT_FOUND; FORBIDDEN if the policy of the thread does not let the actor reply
 */
export const recordReply = (inReplyTo: string, known: LookupResult<KnownInThread>) => {
  mustBeThere('Post', known);
  if (typeof known !== 'object') return { inReplyTo, unchecked: true as const };
  const { thread, threadAuthor, refusedBy } = known;
  const isUnchecked = refusedBy === 'unknown';
  if (refusedBy !== undefined && !isUnchecked) throw forbidden(refusals[refusedBy], 'inReplyTo');
  return {
    inReplyTo,
    ...(isUnchecked ? { unchecked: true as const } : {}),
    ...(thread === inReplyTo ? {} : { thread }),
    ...(threadAuthor === undefined ? {} : { threadAuthor }),
  };
};
