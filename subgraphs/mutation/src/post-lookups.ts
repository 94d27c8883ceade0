import { createFindWithQuotes } from './quotes.ts';
import { createFindInThread } from './threads.ts';

type Sources = Parameters<typeof createFindInThread>[0] & Parameters<typeof createFindWithQuotes>[0];

/** Creates the lookups of posts with their threads and quotes, for the actor of a command. */
export const createPostLookups = (sources: Sources) => {
  const [inThread, withQuotes] = [createFindInThread(sources), createFindWithQuotes(sources)];
  return (actor: string) => ({
    inThread: (id: string) => inThread(actor, id),
    withQuotes: (id: string) => withQuotes(actor, id),
  });
};
