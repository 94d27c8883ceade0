import { createHash } from 'node:crypto';
import type { LiveTopic } from '@rookery/feeds';
import { notFound } from '@rookery/graphql-server';
import { blockTopic, type CountKind, countId } from '@rookery/read-models';
import type { QueryContext } from '../context.ts';
import type { PostModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { readQuoted } from '../reads/quotes.ts';
import { createSignal } from '../signal.ts';
import { postView } from '../views.ts';
import { liveStream } from './stream.ts';

/** Least time between two deliveries, in milliseconds: the counts of a busy post change more often than anybody can read. */
const minIntervalMs = 100;

const shownCounts: readonly CountKind[] = ['likes', 'shares', 'replies', 'quotes'];

interface Look {
  readonly post: PostModel;
  /** Author of the post that it quotes, whether or not the viewer sees that. */
  readonly quotedAuthor: string | undefined;
  /** Equal if nothing visible has changed. */
  readonly print: string;
}

const look = async (context: QueryContext, id: string): Promise<Look | undefined> => {
  context.renew();
  const { loaders } = context;
  const post = await show(postView(loaders), id);
  if (!post) return undefined;
  const [counts, quoted, doc] = await Promise.all([
    loaders.counts.loadMany(shownCounts.map((kind) => countId(kind, id))),
    readQuoted(context, post),
    loaders.posts.load(id),
  ]);
  const shown = counts.map((count) => (count && 'n' in count ? count.n : 0));
  const told = [post.body, post.editedAt, post.quotes, post.isHiddenReply, quoted?.body, quoted?.editedAt];
  return { post, quotedAuthor: doc?.quotedAuthor, print: digest([...told, ...shown]) };
};

/** A block, the end of a follow and a protected account change what the viewer may see, and nothing about the post. */
const topicsOf = (id: string, viewer: string | null, last: Look | undefined): LiveTopic[] => {
  const topics: LiveTopic[] = [`post:${id}`];
  if (viewer !== null) topics.push(`viewer:${viewer}`);
  if (!last) return topics;
  const { post, quotedAuthor } = last;
  topics.push(`account:${post.author.id}`);
  if (post.quotes === null || quotedAuthor === undefined) return topics;
  topics.push(`text:${post.quotes}`, `account:${quotedAuthor}`, blockTopic(post.author.id, quotedAuthor));
  return topics;
};

const digest = (told: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(told)).digest('base64url');

/**
 * A post each time that its text or its counts have changed; many changes at once come as one. The stream ends when
 * the post is deleted, or hidden from the viewer. Each value's checkpoint tells what was shown: whoever comes back with
 * it after a lost connection gets the post at once, if it is another by now.
 * @throws RookeryError NOT_FOUND
 */
export const livePost = async (context: QueryContext, id: string) => {
  const first = context.checkpoint === undefined ? await look(context, id) : undefined;
  let shown = context.checkpoint ?? first?.print;
  if (shown === undefined) throw notFound('Post');
  /** The newest look. */
  let last = first;
  let deliveredAt = Number.NEGATIVE_INFINITY;
  const pause = createSignal();

  return liveStream<'post', PostModel>(context, {
    field: 'post',
    checkpoint: shown,
    look: async (wakes, signal) => {
      wakes.watch(topicsOf(id, context.viewer, last));
      await pause.wait(Math.max(0, deliveredAt + minIntervalMs - performance.now()), signal);
      while (!signal.aborted) {
        const now = await context.onOneReplica(() => look(context, id));
        // A read that may be older than the last delivery is no change, and a post missing in it is not
        // deleted.
        if (context.isBehind()) {
          await wakes.wait(signal, context.replica().health.progress);
          continue;
        }
        if (!now) return undefined;
        last = now;
        // A stream that comes back learns of its topics here. Listening to one wakes it, so nothing is missed.
        wakes.watch(topicsOf(id, context.viewer, last));
        if (now.print !== shown) {
          shown = now.print;
          deliveredAt = performance.now();
          return { value: now.post, checkpoint: shown };
        }
        await wakes.wait(signal);
      }
      return undefined;
    },
  });
};
