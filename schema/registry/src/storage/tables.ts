import type pg from 'pg';
import { appsStep } from './steps/apps.ts';
import { checksStep } from './steps/checks.ts';
import { deliveryReportsStep } from './steps/delivery-reports.ts';
import { gatewaysStep } from './steps/gateways.ts';
import { openSubscriptionsStep } from './steps/open-subscriptions.ts';
import { pullRequestsStep } from './steps/pull-requests.ts';
import { sessionsStep } from './steps/sessions.ts';
import { usageStep } from './steps/usage.ts';
import { usageDaysStep } from './steps/usage-days.ts';
import { usageIndexStep } from './steps/usage-index.ts';
import { versionsStep } from './steps/versions.ts';
import { webhooksStep } from './steps/webhooks.ts';

/** Lock of whoever migrates; the number is arbitrary. */
const migrationLock = 7_201_113;

/** Steps that lead from an empty database to the present tables. A step that was released is never edited. */
const steps: readonly string[] = [
  versionsStep,
  gatewaysStep,
  usageStep,
  appsStep,
  usageIndexStep,
  checksStep,
  webhooksStep,
  sessionsStep,
  usageDaysStep,
  deliveryReportsStep,
  pullRequestsStep,
  openSubscriptionsStep,
];

/** Longest time of a step, in milliseconds: an index on a large table takes minutes, and would never be there if it was cut off. */
const stepTimeoutMs = 600_000;

/** pg accepts a time-out for a statement, which its types lack. */
const withTimeout = (text: string): pg.QueryConfig & { readonly query_timeout: number } => ({
  text,
  query_timeout: stepTimeoutMs,
});

/** Creates or upgrades the tables, in a schema of its own. Replicas that start together wait for each other. */
export const migrate = async (client: pg.ClientBase): Promise<void> => {
  await client.query('begin');
  try {
    await client.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await client.query('create schema if not exists registry');
    await client.query('create table if not exists registry.steps (step int primary key)');
    const { rows } = await client.query<{ done: number }>('select count(*)::int as done from registry.steps');
    await client.query(`set local statement_timeout = ${stepTimeoutMs}`);
    for (const [step, sql] of [...steps.entries()].slice(rows[0]?.done ?? 0)) {
      await client.query(withTimeout(sql));
      await client.query('insert into registry.steps values ($1)', [step]);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  }
};
