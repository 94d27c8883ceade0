import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createResponseExtensions } from '@rookery/graphql-server/response-extensions';
import type { Batches, Delivery } from '@rookery/message-queue';
import { pushConsumer } from '@rookery/read-models';
import { type Config, ConfigError, type Logger } from '@rookery/runtime';
import { readEvent, type StoredEvent } from '@rookery/schema/events';
import { createContext, type QueryContext } from '../context.ts';
import { newGroups } from '../live/notifications.ts';
import type { NotificationModel } from '../models.ts';
import { notificationProjections } from '../progress.ts';
import { readMarkerPosition } from '../reads/read-markers.ts';
import type { Sources } from '../sources.ts';
import { toRequest, type VapidKeys, vapidKeysOf } from './message.ts';
import { mayNotify, recipientsOf } from './recipients.ts';
import { createPushSender, type PushSender } from './sender.ts';
import { openPushSubscriptions, type PushSubscription, type PushSubscriptions } from './subscriptions.ts';

/** Settings of Web Push. */
export const pushSettings = [
  'VAPID_PRIVATE_KEY',
  'VAPID_SUBJECT',
  'PUSH_DATABASE_URL',
  'PUSH_SERVICES',
] as const;
type PushConfig = Config<(typeof pushSettings)[number]>;

/** Older acts are not pushed: an hour later their news is old. */
const maxAgeMs = 3_600_000;
/** Messages for one browser at once: the newest groups. */
const maxAtOnce = 5;
/** Looks at the next groups of a viewer, of 20 each. */
const maxLooks = 5;
/**
 * Delay after the first look at an event that the projections have not reached, or that failed. It grows with each look, so that an outage
 * of a store costs little.
 */
const againMs = 250;
/** Looks at one event before it is given up, in 80 s. A later event of the same user makes up for it. */
const maxTries = 25;
const batchSize = 50;

/** Returns the keys by which push services know this server; undefined if nothing is pushed. @throws ConfigError */
const readVapidKeys = ({
  VAPID_PRIVATE_KEY: key,
  VAPID_SUBJECT: subject,
  PUSH_DATABASE_URL: url,
}: PushConfig): VapidKeys | undefined => {
  if (key === undefined) return undefined;
  if (subject === undefined) throw new ConfigError('VAPID_SUBJECT is missing, which VAPID_PRIVATE_KEY needs');
  if (url === undefined) throw new ConfigError('PUSH_DATABASE_URL is missing, which VAPID_PRIVATE_KEY needs');
  const text = key.startsWith('file://') ? readFileSync(new URL(key), 'utf8').trim() : key;
  return vapidKeysOf(text, subject);
};

interface PushParts {
  readonly sources: Sources;
  readonly subscriptions: PushSubscriptions;
  readonly sender: PushSender;
  readonly vapid: VapidKeys;
  readonly log: Logger;
}

/** The context of a read for a viewer, as a request of theirs has it. */
const contextFor = (viewer: string | null, { sources, log }: PushParts): QueryContext =>
  createContext(
    {
      ...{ viewer, roles: [], scopes: [], session: undefined, boundToOperation: false },
      ...{ requestId: randomUUID(), readAfter: [], log, traceparent: undefined, wantsCheckpoints: false },
      responseExtensions: createResponseExtensions(),
    } as unknown as Parameters<typeof createContext>[0],
    sources,
  );

/** Pushes the notifications that a browser has not got. @returns false if it may lack some up to a position */
const pushTo = async (
  parts: PushParts,
  subscription: PushSubscription,
  position: number,
): Promise<boolean> => {
  const { user } = subscription;
  const context = contextFor(user, parts);
  const upTo = (await context.progress()).upTo(notificationProjections);
  if (upTo < position) return false;
  if (subscription.pushedUpTo >= position) return true;
  const marker = await readMarkerPosition(context, 'notifications');
  const found: NotificationModel[] = [];
  for (let from = subscription.pushedUpTo, looks = 0; looks < maxLooks; looks++) {
    const { rows, scanned, full } = await newGroups(context, user, from, upTo);
    found.push(...rows.map(({ node }) => node));
    if (!full || scanned <= from) break;
    from = scanned;
  }
  const oldest = Date.now() - maxAgeMs;
  // A group that somebody repeats an act of comes again, and has been pushed.
  const due = found.filter(
    ({ newest, at }) => newest > subscription.pushedUpTo && newest > marker && Date.parse(at) > oldest,
  );
  // Before anything is sent: a repeat, by this process or another, finds it done. If another was faster, it may not have got as far.
  if (!(await parts.subscriptions.claim(subscription, upTo))) return false;
  const byId = new Map(due.map((group) => [group.id, group]));
  for (const group of [...byId.values()].slice(-maxAtOnce))
    parts.sender.send(toRequest(subscription, group, parts.vapid));
  return true;
};

/** @returns false if the event must be looked at again */
const handle = async (parts: PushParts, stored: StoredEvent): Promise<boolean> => {
  if (Date.now() - Date.parse(stored.recordedAt) > maxAgeMs) return true;
  const recorded = { ...stored, event: readEvent(stored.event) };
  if (!mayNotify(recorded)) return true;
  const context = contextFor(null, parts);
  // The post that it is about may not be projected yet, nor a block that came before it.
  if ((await context.progress()).upTo(notificationProjections) < recorded.position) return false;
  const users = [...new Set(await recipientsOf(context, recorded))];
  if (users.length === 0) return true;
  const subscriptions = await parts.subscriptions.of(users);
  const done = await Promise.all(
    subscriptions.map((subscription) => pushTo(parts, subscription, recorded.position)),
  );
  return done.every(Boolean);
};

const handleDelivery = async (parts: PushParts, delivery: Delivery<StoredEvent>): Promise<void> => {
  const isDone = async (): Promise<boolean> => {
    if (delivery.value === undefined || delivery.tries > maxTries) return true;
    try {
      return await handle(parts, delivery.value);
    } catch (error) {
      parts.log.debug({ error }, 'failed to push an event; it is tried again');
      return false;
    }
  };
  if (await isDone()) delivery.ack();
  else delivery.retry(againMs * delivery.tries);
};

const consume = async (parts: PushParts, batches: Batches<StoredEvent>): Promise<void> => {
  for await (const batch of batches)
    await Promise.all(batch.map((delivery) => handleDelivery(parts, delivery)));
};

/**
 * Pushes notifications to the browsers of their recipients. All query subgraphs share the work, by a consumer of RECORDED of their own: a
 * rebuild or replay of read models sends nothing. The rules decide for each recipient as for their list.
 * @throws ConfigError
 */
export const startPush = async (
  config: PushConfig,
  sources: Sources,
  log: Logger,
  resources: AsyncDisposableStack,
): Promise<VapidKeys | undefined> => {
  const vapid = readVapidKeys(config);
  const { PUSH_DATABASE_URL: url } = config;
  if (vapid === undefined || url === undefined) return undefined;
  const subscriptions = resources.use(openPushSubscriptions(url, log));
  const { metrics } = sources;
  const sender = resources.use(
    createPushSender({ subscriptions, services: config.PUSH_SERVICES, metrics, log }),
  );
  const batches = await sources.queue.recorded(pushConsumer, batchSize);
  const running = consume({ sources, subscriptions, sender, vapid, log }, batches).catch((error: unknown) =>
    log.error({ error }, 'notifications are no longer pushed'),
  );
  resources.defer(async () => {
    await batches.stop();
    await running;
  });
  return vapid;
};
