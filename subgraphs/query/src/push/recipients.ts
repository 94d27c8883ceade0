import type { EventName, RecordedEvent } from '@rookery/schema/events';
import type { QueryContext } from '../context.ts';
import type { Loaders } from '../loaders.ts';

const authorOf = async (loaders: Loaders, post: string): Promise<string[]> => {
  const author = (await loaders.posts.load(post))?.author;
  return author ? [author] : [];
};

/** Newest sharers of a post to whom an edit of it is pushed. */
const maxSharers = 100;

const sharersOf = async ({ reader }: Pick<QueryContext, 'reader'>, post: string): Promise<string[]> => {
  const shares = await reader.collection('shares').page({
    where: { object: post, active: true },
    orderBy: 'position',
    direction: 'desc',
    after: Number.MAX_SAFE_INTEGER,
    limit: maxSharers,
  });
  return shares.map(({ doc }) => doc.actor);
};

const notifying: ReadonlySet<EventName> = new Set<EventName>([
  ...(['rookery.user.followed', 'rookery.user.follow-requested', 'rookery.user.signed-in'] as const),
  ...(['rookery.post.liked', 'rookery.post.shared', 'rookery.report.resolved'] as const),
  ...(['rookery.post.edited', 'rookery.post.published'] as const),
]);

/** Returns whether an event may concern somebody, so that it is worth waiting for the projections. */
export const mayNotify = ({ event }: RecordedEvent): boolean => notifying.has(event.name);

/**
 * Returns the users whom an event may concern, before the rules: a bounded number. An edit is pushed to those whom it mentions, and to the
 * newest of those who share the post, who may be many.
 */
export const recipientsOf = async (
  context: Pick<QueryContext, 'loaders' | 'reader'>,
  { event }: RecordedEvent,
): Promise<string[]> => {
  const { loaders } = context;
  switch (event.name) {
    case 'rookery.user.followed':
    case 'rookery.user.follow-requested':
      return [event.subject];
    case 'rookery.user.signed-in':
      return [event.actor];
    case 'rookery.report.resolved':
      return [...event.data.reporters];
    case 'rookery.post.liked':
    case 'rookery.post.shared':
      return authorOf(loaders, event.subject);
    case 'rookery.post.edited':
      return [...(event.data.mentions ?? []), ...(await sharersOf(context, event.subject))];
    case 'rookery.post.published': {
      const { inReplyTo, quoted, mentions = [] } = event.data;
      const authors = [inReplyTo, quoted].map((post) => (post === undefined ? [] : authorOf(loaders, post)));
      return [...mentions, ...(await Promise.all(authors)).flat()];
    }
    default:
      return [];
  }
};
