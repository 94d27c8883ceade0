import { unavailable } from '@rookery/graphql-server';
import type { ActivityDoc } from '@rookery/read-models';
import { maySeeActivity } from '@rookery/read-models/visibility';
import { isId } from '@rookery/runtime';
import { type Rejection, readEvent } from '@rookery/schema/events';
import type { QueryContext } from '../context.ts';
import type { ActivityModel } from '../models.ts';

const notTheAuthor = 'Only its author may do this to a post.';
const reasons: Readonly<Record<Rejection, string>> = {
  IDEMPOTENCY_KEY_REUSED: 'This idempotency key was used before, with another input.',
};

/** Returns whether an accepted edit or deletion has no effect because another user is the author. */
const isRefused = async (
  { loaders }: QueryContext,
  { verb, actor, subject }: ActivityDoc,
): Promise<boolean> => {
  if (verb !== 'EDIT' && verb !== 'DELETE') return false;
  const post = await loaders.posts.load(subject);
  return post?.author !== undefined && post.author !== null && post.author !== actor;
};

const fromDocuments = async (context: QueryContext, id: string): Promise<ActivityModel | undefined> => {
  const doc = (await context.reader.collection('activities').getMany([id])).get(id)?.doc;
  if (!doc || !maySeeActivity(doc.actor, context.viewer)) return undefined;
  const projected = (await context.progress()).upTo() >= doc.position;
  const refused = projected && !doc.rejected && (await isRefused(context, doc));
  const reason = doc.rejected ? reasons[doc.rejected] : refused ? notTheAuthor : null;
  return {
    id,
    verb: doc.verb,
    actor: doc.actor,
    status: reason !== null ? 'REJECTED' : projected ? 'PROJECTED' : 'RECORDED',
    acceptedAt: doc.acceptedAt,
    position: String(doc.position),
    reason,
  };
};

const fromQueue = async (
  { sources, viewer, log }: QueryContext,
  id: string,
): Promise<ActivityModel | undefined> => {
  const found = await sources.queue.find(id).catch((error) => {
    log.warn({ error }, 'could not look for an activity in the queue');
    throw unavailable();
  });
  if (!found || !maySeeActivity(found.event.actor, viewer)) return undefined;
  const event = readEvent(found.event);
  const { verb, actor, time } = event;
  const rejected = event.name === 'rookery.command.rejected' ? event.data.reason : undefined;
  return {
    id,
    verb,
    actor,
    status: rejected ? 'REJECTED' : found.position === null ? 'QUEUED' : 'RECORDED',
    acceptedAt: time,
    position: found.position === null ? null : String(found.position),
    reason: rejected ? reasons[rejected] : null,
  };
};

/** Returns the status of an accepted write, for its actor alone. It may still be in the queue. */
export const readActivity = async (context: QueryContext, id: string): Promise<ActivityModel | undefined> => {
  if (context.viewer === null || !isId(id)) return undefined;
  return (
    (await fromDocuments(context, id)) ??
    (await fromQueue(context, id)) ??
    // It may have left the queue for the documents between the two looks.
    (await fromDocuments(context, id))
  );
};
