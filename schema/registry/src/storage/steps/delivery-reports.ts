/** Keeps the answer to each delivery of a webhook, and finds the last one and the failed ones without reading the others. */
export const deliveryReportsStep = `
  alter table registry.webhook_deliveries add column status int;
  create index webhook_deliveries_tried on registry.webhook_deliveries (webhook, delivery) where attempts > 0;
  create index webhook_deliveries_failed on registry.webhook_deliveries (webhook, delivery) where failure is not null;
`;
