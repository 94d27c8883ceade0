import { eventKinds, readRecorded } from '@rookery/schema/events';
import { z } from 'zod';
import { body, id, optional } from '../input.ts';
import type { LookupResult, TargetLookup } from '../lookup.ts';
import { defineCommand } from './command.ts';
import { itemKey, itsPost } from './payload.ts';
import { mustBeAuthor } from './post-author.ts';
import { quotePolicy, recordQuote } from './quote-policy.ts';
import { onlyFirstDecides, recordReply, replyPolicy } from './reply-policy.ts';

/** The post that a new text answers or replaces, and the users whom it mentions. */
interface KnownOfText<Post> {
  /** Undefined: a post that answers none. */
  readonly post: LookupResult<Post> | undefined;
  readonly mentions: readonly string[];
}

const lookUpText = async <Post>(
  { body, postId }: { readonly body: string; readonly postId: string | undefined },
  lookup: TargetLookup,
  find: (postId: string) => Promise<LookupResult<Post>>,
): Promise<KnownOfText<Post>> => {
  const [post, mentions] = await Promise.all([
    postId === undefined ? undefined : find(postId),
    lookup.mentionedIn(body),
  ]);
  return { post, mentions };
};

/** Returns the body of a text and its mentions, as events record them. */
const recordText = (body: string, { mentions }: Pick<KnownOfText<unknown>, 'mentions'>) =>
  mentions.length === 0 ? { body } : { body, mentions: [...mentions] };

export const publishPost = defineCommand({
  emits: eventKinds.postPublished,
  unordered: true,
  input: z.object({
    body,
    inReplyTo: optional(id),
    visibility: optional(z.enum(['PUBLIC', 'FOLLOWERS', 'MENTIONED'])),
    replyPolicy: optional(replyPolicy),
    quotedPostId: optional(id),
    quotePolicy: optional(quotePolicy),
  }),
  lookUp: async ({ body, inReplyTo, quotedPostId }, lookup) => {
    const [text, quoted] = await Promise.all([
      lookUpText({ body, postId: inReplyTo }, lookup, (postId) => lookup.inThread(postId)),
      quotedPostId === undefined ? undefined : lookup.withQuotes(quotedPostId),
    ]);
    return { ...text, quoted };
  },
  decide: ({ input, known }) => {
    const { body, inReplyTo, visibility = 'PUBLIC', replyPolicy = 'EVERYONE' } = input;
    const { quotedPostId, quotePolicy = 'EVERYONE' } = input;
    if (inReplyTo !== undefined && replyPolicy !== 'EVERYONE') throw onlyFirstDecides();
    return {
      name: 'rookery.post.published',
      data: {
        ...recordText(body, known),
        ...(inReplyTo === undefined ? {} : recordReply(inReplyTo, known.post ?? 'unknown')),
        ...(visibility === 'PUBLIC' ? {} : { visibility }),
        ...(replyPolicy === 'EVERYONE' ? {} : { replies: replyPolicy }),
        ...(quotedPostId === undefined ? {} : recordQuote(quotedPostId, known.quoted ?? 'unknown')),
        ...(quotePolicy === 'EVERYONE' ? {} : { quotes: quotePolicy }),
      },
    };
  },
  payload: (envelope) => {
    const event = readRecorded(envelope);
    const isReply = event.name === 'rookery.post.published' && event.data.inReplyTo !== undefined;
    return {
      ...itsPost(envelope),
      // The item of a post has the post's id.
      feedEdge: { itemId: envelope.subject },
      replyEdge: isReply ? { replyId: envelope.subject } : null,
    };
  },
});

export const editPost = defineCommand({
  emits: eventKinds.postEdited,
  input: z.object({ postId: id, body }),
  lookUp: (input, lookup) => lookUpText(input, lookup, (postId) => lookup.post(postId)),
  decide: ({ actor, input: { postId, body }, known }) => {
    if (known.post !== undefined) mustBeAuthor(actor, known.post);
    return { name: 'rookery.post.edited', subject: postId, data: recordText(body, known) };
  },
  payload: itsPost,
});

export const deletePost = defineCommand({
  emits: eventKinds.postDeleted,
  unordered: true,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.post(postId),
  decide: ({ actor, input: { postId }, known }) => {
    mustBeAuthor(actor, known);
    return { name: 'rookery.post.deleted', subject: postId, data: {} };
  },
  payload: ({ subject }) => ({ post: null, deletedPostId: subject, removedItemKey: itemKey(subject) }),
});
