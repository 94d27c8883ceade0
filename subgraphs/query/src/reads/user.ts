import { badInput, unavailable } from '@rookery/graphql-server';
import { readEvent } from '@rookery/schema/events';
import type { QueryContext } from '../context.ts';
import type { UserModel } from '../models.ts';
import { show } from '../pipeline.ts';
import { userView } from '../views.ts';

/** Pattern of a folded handle; other texts need no query. */
const handleShape = /^[a-z0-9_]{3,30}$/;

/** Exactly one of both. @throws RookeryError BAD_USER_INPUT */
export const readUser = async (
  { loaders, reader }: QueryContext,
  { id, handle }: { id?: string | null | undefined; handle?: string | null | undefined },
): Promise<UserModel | undefined> => {
  if (typeof id === 'string' && typeof handle === 'string')
    throw badInput('handle', 'Either id or handle, not both.');
  if (typeof id === 'string') return show(userView(loaders), id);
  if (typeof handle !== 'string') throw badInput('id', 'One of id and handle is needed.');
  const folded = handle.normalize('NFKC').toLowerCase();
  if (!handleShape.test(folded)) return undefined;
  const [found] = await reader.collection('users').page({
    where: { handle: folded },
    orderBy: 'joinedPosition',
    direction: 'asc',
    limit: 1,
  });
  if (!found) return undefined;
  loaders.users.prime(found.id, found.doc);
  return show(userView(loaders), found.id);
};

/**
 * Returns a user whose sign-up was accepted and is not projected yet, from the queue.
 * @returns `unknown` if the queue does not answer
 */
const readPending = async (
  { sources, log }: QueryContext,
  id: string,
): Promise<UserModel | 'unknown' | undefined> => {
  try {
    const found = await sources.queue.find(id);
    const event = found && readEvent(found.event);
    if (event?.name !== 'rookery.user.signed-up') return undefined;
    const { handle, name } = event.data;
    return { id, handle, name, bio: null, joinedAt: event.time, protected: false };
  } catch (error) {
    log.debug({ error }, 'could not look for a sign-up in the queue');
    return 'unknown';
  }
};

/**
 * Resolves a user reference. A user who has just signed up is answered from the queue, for that user alone,
 * if the projections take too long: an accepted account exists.
 * @throws RookeryError SERVICE_UNAVAILABLE if the state is unknown
 */
export const readReferencedUser = async (
  context: QueryContext,
  id: string,
): Promise<UserModel | undefined> => {
  const { loaders } = context;
  const user = await show(userView(loaders), id);
  if (user) return user;
  const own = id === context.viewer || context.readAfter.includes(id);
  if (!own) return undefined;
  const pending = await readPending(context, id);
  if (typeof pending === 'object') return pending;
  // Between the two looks it may have been projected, and so have left the queue.
  loaders.users.clear(id);
  const again = await show(userView(loaders), id);
  if (!again && pending === 'unknown') throw unavailable();
  return again;
};

/** The signed-in user. A user's id is the id of the sign-up, so that there is something to wait for. */
export const readMe = async (context: QueryContext): Promise<UserModel | undefined> => {
  const { viewer } = context;
  if (viewer === null) return undefined;
  const user = await show(userView(context.loaders), viewer);
  if (user) return user;
  await context.waitFor(viewer);
  return readReferencedUser(context, viewer);
};
