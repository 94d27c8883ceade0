import { forbidden } from '@rookery/graphql-server';
import { eventKinds } from '@rookery/schema/events';
import { z } from 'zod';
import { id } from '../input.ts';
import { defineCommand, mustBeThere } from './command.ts';
import { itsPost } from './payload.ts';

export const revokeQuote = defineCommand({
  emits: eventKinds.postQuoteRevoked,
  unordered: true,
  input: z.object({ postId: id }),
  lookUp: ({ postId }, lookup) => lookup.withQuotes(postId),
  decide: ({ actor, input: { postId }, known }) => {
    mustBeThere('Post', known);
    // Also if it quotes nothing: otherwise the answer would tell of a quoted post that is hidden.
    if (typeof known === 'object' && known.quotedAuthor !== actor)
      throw forbidden('Only the author of the quoted post may revoke a quote.', 'postId');
    return { name: 'rookery.post.quote-revoked', subject: postId, data: {} };
  },
  payload: itsPost,
});
