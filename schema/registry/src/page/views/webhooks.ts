import {
  type Delivery,
  listDeliveries,
  listWebhooks,
  maxCounted,
  type Webhook,
} from '../../storage/webhooks.ts';
import { count } from '../charts.ts';
import { type Html, html } from '../html.ts';
import { badge, olderLink, table, time } from '../layout.ts';
import { type PageParts, type PageRequest, rowsOfPage } from '../reader.ts';

/** Returns the origin alone: the rest of the address of a receiver may be a secret. */
const receiverOf = (url: string): string => URL.parse(url)?.origin ?? '';

const upTo = (counted: number): string =>
  counted < maxCounted ? count(counted) : `${count(maxCounted)} or more`;

const deliveryState = ({ deliveredAt, waits, attempts }: Delivery): Html => {
  if (deliveredAt !== null) return badge('delivered', 'good');
  if (!waits) return badge('given up', 'bad');
  return badge(attempts === 0 ? 'waits' : 'is sent again', 'plain');
};

const lastOf = ({ last, failure }: Webhook): Html | string => {
  if (last === null) return 'none yet';
  const answer = last.status === null ? 'no answer' : `answered ${last.status}`;
  return html`${badge(answer, last.deliveredAt === null ? 'bad' : 'good')} ${last.type}, ${time(last.createdAt)}${
    failure === null ? '' : html`<p>last failure: <bdi>${failure}</bdi></p>`
  }`;
};

const webhookRows = (webhooks: readonly Webhook[]) =>
  webhooks.map((webhook) => {
    const { id, url, events, disabledAt, waiting, failed } = webhook;
    return [
      html`<bdi>${receiverOf(url)}</bdi> <code>${id}</code>`,
      events.length === 0 ? 'all' : events.join(', '),
      disabledAt === null ? badge('active', 'good') : html`${badge('disabled', 'bad')} ${time(disabledAt)}`,
      lastOf(webhook),
      upTo(waiting),
      upTo(failed),
    ];
  });

const deliveryRows = (deliveries: readonly Delivery[]) =>
  deliveries.map((delivery) => [
    delivery.delivery,
    html`<bdi>${receiverOf(delivery.url)}</bdi> <code>${delivery.webhook}</code>`,
    delivery.type,
    deliveryState(delivery),
    delivery.attempts,
    delivery.status,
    html`<bdi>${delivery.failure}</bdi>`,
    time(delivery.createdAt),
  ]);

/** Lists the webhooks, and the events that were sent to them, the newest first. */
export const webhooksView = async (
  { database }: PageParts,
  { query, environment }: PageRequest,
): Promise<Html> => {
  const [webhooks, deliveries] = await Promise.all([
    listWebhooks(database),
    listDeliveries(database, { before: query.before, limit: rowsOfPage }),
  ]);
  const before = deliveries.length < rowsOfPage ? undefined : deliveries.at(-1)?.delivery;
  return html`${table(
    'Webhooks',
    ['Receiver', 'Events', 'State', 'Last event that was sent', 'Waiting', 'Given up'],
    webhookRows(webhooks),
    'There is no webhook. Create one with npm run registry -- webhook create.',
  )}
<h2>Deliveries</h2>${table(
    'Deliveries, the newest first',
    ['Delivery', 'Receiver', 'Event', 'State', 'Attempts', 'Status', 'Failure', 'Time'],
    deliveryRows(deliveries),
    'Nothing was sent yet.',
  )}
${olderLink('/webhooks', environment, before)}`;
};
