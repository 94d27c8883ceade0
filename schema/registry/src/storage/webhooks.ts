import { newId } from '@rookery/runtime';
import { RegistryError } from '../errors.ts';
import type { EventType } from '../webhooks/events.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';
import { type Page, selectNewest } from './newest.ts';

/** An address that hears of events. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Empty: all. */
  readonly events: readonly EventType[];
  readonly createdAt: string;
  /** Time at which the receiver asked for no more events. */
  readonly disabledAt: string | null;
  /** Deliveries that wait, of which at most `maxCounted` are counted. */
  readonly waiting: number;
  /** Deliveries that were given up, of which at most `maxCounted` are counted. */
  readonly failed: number;
  /** Reason of the last failed attempt. */
  readonly failure: string | null;
  /** The newest event that was sent at least once; null if there is none. */
  readonly last: Pick<Delivery, 'type' | 'status' | 'deliveredAt' | 'createdAt'> | null;
}

/** An event that is sent to one webhook. */
export interface Delivery {
  readonly delivery: number;
  readonly webhook: string;
  readonly url: string;
  readonly type: EventType;
  readonly createdAt: string;
  readonly attempts: number;
  /** True if it is sent again, or for the first time. */
  readonly waits: boolean;
  readonly deliveredAt: string | null;
  /** Status of the last answer; null if there was none. */
  readonly status: number | null;
  /** Reason of the last failed attempt. */
  readonly failure: string | null;
}

/** Counts end here, so that a list never takes longer because a receiver has failed for long. */
export const maxCounted = 1_000;

export const createWebhook = async (
  client: Queryable,
  {
    url,
    secret,
    events,
  }: { readonly url: string; readonly secret: string; readonly events: readonly EventType[] },
): Promise<string> => {
  const id = newId();
  await client.query('insert into registry.webhooks (id, url, secret, events) values ($1, $2, $3, $4)', [
    id,
    url,
    secret,
    events,
  ]);
  return id;
};

const counted = (condition: string): string =>
  `(select count(*)::int from (
     select from registry.webhook_deliveries where webhook = id and ${condition} limit ${maxCounted}) as first_ones)`;

/** Returns all webhooks, the oldest first. */
export const listWebhooks = (database: Database): Promise<Webhook[]> =>
  database.query<Webhook>(
    `select id, url, events, ${isoTime('created_at', 'createdAt')}, ${isoTime('disabled_at', 'disabledAt')},
       ${counted('next_at is not null')} as waiting,
       ${counted('failure is not null and next_at is null')} as failed,
       (select failure from registry.webhook_deliveries where webhook = id and failure is not null
        order by delivery desc limit 1) as failure,
       (select row_to_json(newest) from (
          select type, status, ${isoTime('delivered_at', 'deliveredAt')}, ${isoTime('sent.created_at', 'createdAt')}
          from registry.webhook_deliveries as sent where webhook = id and attempts > 0
          order by delivery desc limit 1) as newest) as last
     from registry.webhooks order by webhooks.created_at, id`,
  );

const deliveryColumns = `delivery::int, webhook, (select url from registry.webhooks where id = webhook) as url, type,
  ${isoTime('created_at', 'createdAt')}, attempts, next_at is not null as waits,
  ${isoTime('delivered_at', 'deliveredAt')}, status, failure`;

/** Returns the events for webhooks, the newest first. */
export const listDeliveries = (database: Database, page: Page): Promise<Delivery[]> =>
  selectNewest(database, { table: 'webhook_deliveries', number: 'delivery', columns: deliveryColumns }, page);

/** @throws RegistryError NOT_FOUND */
export const deleteWebhook = async (database: Database, id: string): Promise<void> => {
  const deleted = await database.query('delete from registry.webhooks where id = $1 returning id', [id]);
  if (deleted.length === 0) throw new RegistryError('NOT_FOUND', `There is no webhook ${id}.`);
};

/** Stores an event for each webhook that hears of it, in the transaction that makes it happen. */
export const enqueueEvent = async (client: Queryable, type: EventType, data: object): Promise<void> => {
  const body = JSON.stringify({ type, timestamp: new Date().toISOString(), data });
  await client.query(
    `insert into registry.webhook_deliveries (webhook, message, type, body)
     select id, $1, $2, $3 from registry.webhooks
     where disabled_at is null and (events = '{}' or $2 = any(events))`,
    [`msg_${newId()}`, type, body],
  );
};

/** A message that is due, with its receiver. */
export interface DueDelivery {
  readonly delivery: number;
  readonly webhook: string;
  readonly message: string;
  readonly body: string;
  /** Attempts, with the one that begins. */
  readonly attempts: number;
  readonly url: string;
  readonly secret: string;
}

/** A message whose sender stopped is due again after this time; longer than one attempt takes. */
const leaseSeconds = 30;

/**
 * Takes one message of each webhook that is due and not among `busy`, so that one slow receiver delays no other. Replicas never
 * take the same one.
 */
export const claimDeliveries = (
  database: Database,
  busy: readonly string[],
  limit: number,
): Promise<DueDelivery[]> =>
  database.transaction(async (client) => {
    const { rows } = await client.query<DueDelivery>(
      `with due as (
         select one.delivery, webhooks.id, url, secret from registry.webhooks cross join lateral (
           select delivery from registry.webhook_deliveries
           where webhook = webhooks.id and next_at <= now() order by next_at, delivery limit 1
           for update skip locked
         ) as one
         where disabled_at is null and not webhooks.id = any($1) limit $2
       )
       update registry.webhook_deliveries as taken
       set attempts = attempts + 1, next_at = now() + interval '${leaseSeconds} seconds'
       from due where taken.delivery = due.delivery
       returning taken.delivery::int, webhook, message, body, attempts, url, secret`,
      [busy, limit],
    );
    return rows;
  });

/** Notes that the receiver took a message. */
export const noteDelivered = async (database: Database, delivery: number, status: number): Promise<void> => {
  await database.query(
    `update registry.webhook_deliveries set delivered_at = now(), next_at = null, failure = null, status = $2
     where delivery = $1`,
    [delivery, status],
  );
};

/** A failed attempt to send a message. */
export interface Failure {
  readonly reason: string;
  /** Status of the answer; undefined if there was none. */
  readonly status?: number | undefined;
  /** Delay of the next attempt; undefined: the message is given up. */
  readonly retryMs?: number | undefined;
}

/** Notes that an attempt failed. */
export const noteFailed = async (
  database: Database,
  delivery: number,
  { reason, status, retryMs }: Failure,
): Promise<void> => {
  await database.query(
    `update registry.webhook_deliveries
     set failure = $2, status = $3, next_at = now() + $4::float8 * interval '1 millisecond' where delivery = $1`,
    [delivery, reason.toWellFormed().replaceAll('\0', '').slice(0, 500), status ?? null, retryMs ?? null],
  );
};

/** Stops a webhook whose receiver asks for no more events, in its answer to a delivery. */
export const disableWebhook = (
  database: Database,
  id: string,
  { delivery, status }: Pick<Delivery, 'delivery' | 'status'>,
): Promise<void> =>
  database.transaction(async (client) => {
    await client.query('update registry.webhooks set disabled_at = now() where id = $1', [id]);
    await client.query('update registry.webhook_deliveries set status = $2 where delivery = $1', [
      delivery,
      status,
    ]);
    await client.query(
      `update registry.webhook_deliveries set next_at = null, failure = 'the receiver is gone'
       where webhook = $1 and next_at is not null`,
      [id],
    );
  });
