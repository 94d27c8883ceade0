import { newId } from '@rookery/runtime';
import { RegistryError } from '../errors.ts';
import type { EventType } from '../webhooks/events.ts';
import type { Database, Queryable } from './database.ts';
import { isoTime } from './iso-time.ts';

/** An address that hears of events. */
export interface Webhook {
  readonly id: string;
  readonly url: string;
  /** Empty: all. */
  readonly events: readonly EventType[];
  readonly createdAt: string;
  /** Time at which the receiver asked for no more events. */
  readonly disabledAt: string | null;
  /** Deliveries that wait. */
  readonly waiting: number;
  /** Deliveries that were given up. */
  readonly failed: number;
  /** Reason of the last failed attempt. */
  readonly failure: string | null;
}

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

export const listWebhooks = (database: Database): Promise<Webhook[]> =>
  database.query<Webhook>(
    `select id, url, events, ${isoTime('webhooks.created_at', 'createdAt')}, ${isoTime('disabled_at', 'disabledAt')},
       count(*) filter (where next_at is not null)::int as waiting,
       count(*) filter (where delivery is not null and next_at is null and delivered_at is null)::int as failed,
       (array_agg(failure order by delivery desc) filter (where failure is not null))[1] as failure
     from registry.webhooks left join registry.webhook_deliveries on webhook = id
     group by id order by webhooks.created_at, id`,
  );

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
export const noteDelivered = async (database: Database, delivery: number): Promise<void> => {
  await database.query(
    'update registry.webhook_deliveries set delivered_at = now(), next_at = null, failure = null where delivery = $1',
    [delivery],
  );
};

/** Notes that an attempt failed. @param retryMs delay of the next one; undefined: it is given up */
export const noteFailed = async (
  database: Database,
  delivery: number,
  failure: string,
  retryMs: number | undefined,
): Promise<void> => {
  await database.query(
    `update registry.webhook_deliveries
     set failure = $2, next_at = now() + $3::float8 * interval '1 millisecond' where delivery = $1`,
    [delivery, failure.toWellFormed().replaceAll('\0', '').slice(0, 500), retryMs ?? null],
  );
};

/** Stops a webhook whose receiver asks for no more events. */
export const disableWebhook = (database: Database, id: string): Promise<void> =>
  database.transaction(async (client) => {
    await client.query('update registry.webhooks set disabled_at = now() where id = $1', [id]);
    await client.query(
      `update registry.webhook_deliveries set next_at = null, failure = 'the receiver is gone'
       where webhook = $1 and next_at is not null`,
      [id],
    );
  });
