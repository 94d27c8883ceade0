import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { dashboards, withWindow } from '@rookery/observability';
import { cloneDir, findPrometheus, processNames, startPrometheus } from '@rookery/stack';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { axeFindings } from '../support/clients/axe.ts';
import { browserTimeout, findChromium, launchBrowser } from '../support/clients/browser.ts';
import { Client } from '../support/clients/client.ts';
import { type Account, type System, startSystem, useServers } from '../support/index.ts';
import { ops } from '../support/ops.ts';

/**
 * The rules in a real Prometheus, on a real system with real faults. Only the times are shorter: an alert waits a second, and
 * Prometheus reads and evaluates each second. promtool tests the real times (`tests/observability/rules`).
 */
const withShortTimes = (rules: string): string =>
  rules.replace(/^( +for: ).*$/gm, '$11s').replace(/^( +interval: ).*$/gm, '$11s');

let system: System;
let author: Account;
let prometheus: Awaited<ReturnType<typeof startPrometheus>>;

beforeAll(async () => {
  system = await startSystem();
  author = await system.signUp();
  const binary = await findPrometheus(console.log);
  const dir = mkdtempSync(join(useServers().dir, 'prometheus-'));
  const rules = readFileSync(join(cloneDir, 'deploy/observability/prometheus/rules/rookery.yaml'), 'utf8');
  writeFileSync(join(dir, 'rules.yaml'), withShortTimes(rules));
  const pageDir = join(cloneDir, 'deploy/observability/page');
  const configFile = join(dir, 'prometheus.yaml');
  const targets = processNames.map((process) => ({
    targets: [new URL(system.metricsUrls[process]).host],
    labels: { process },
  }));
  writeFileSync(
    configFile,
    JSON.stringify({
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: ['rules.yaml'],
      scrape_configs: [{ job_name: 'rookery', honor_labels: true, static_configs: targets }],
    }),
  );
  prometheus = await startPrometheus({ binary, dir: join(dir, 'data'), configFile, pageDir });
});
afterAll(async () => {
  await prometheus?.stop();
  await system?.stop();
});

const ask = async <T>(path: string, parameters: Record<string, string> = {}): Promise<T> => {
  const response = await fetch(`${prometheus.url}/api/v1/${path}?${new URLSearchParams(parameters)}`);
  const { status, data, error } = (await response.json()) as { status: string; data: T; error?: string };
  if (status !== 'success') throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`);
  return data;
};

interface Firing {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: string;
}

/** Alerts that depend on the load of the machine, since nothing has to hold for minutes here. */
const ofTheMachine = new Set(['RookeryEventLoopBlocked']);

/** Returns the alerts that fire, as name and the label that tells which. */
const firing = async (): Promise<string[]> => {
  const { alerts } = await ask<{ alerts: Firing[] }>('alerts');
  return alerts
    .filter(({ state, labels }) => state === 'firing' && !ofTheMachine.has(labels.alertname ?? ''))
    .map(({ labels: { alertname, severity: _, instance: __, ...labels } }) =>
      [alertname, ...Object.values(labels)].join(' '),
    )
    .sort();
};

const options = { timeout: 120_000, interval: 500 };
/** Waits until these alerts fire, undoes their cause, and waits until none of them does. */
const firesAndClears = async (alerts: readonly string[], undo: () => Promise<unknown>): Promise<void> => {
  await expect.poll(firing, options).toEqual(expect.arrayContaining([...alerts]));
  await undo();
  await expect
    .poll(async () => (await firing()).filter((alert) => alerts.includes(alert)), options)
    .toEqual([]);
};

test('a system at rest raises the watchdog alone, once it has been audited', async () => {
  await firesAndClears(['RookeryAuditOverdue'], async () =>
    expect((await ops(system.env, 'audit')).code).toBe(0),
  );
  expect(await firing()).toEqual(['RookeryWatchdog']);
});

interface Exemplars {
  readonly seriesLabels: Readonly<Record<string, string>>;
  readonly exemplars: readonly { readonly labels: { readonly trace_id?: string }; readonly value: string }[];
}

test('Prometheus reads the traces of slow and fast requests with the buckets of latency', async () => {
  const traceId = randomBytes(16).toString('hex');
  const traceparent = `00-${traceId}-${'1'.repeat(16)}-01`;
  await new Client(system.gatewayUrl).ask(
    'query Traced { user(handle: "nobody") { name } }',
    {},
    { traceparent },
  );
  const found = async (): Promise<string[]> => {
    const times = { start: String(Date.now() / 1_000 - 600), end: String(Date.now() / 1_000 + 60) };
    const query = '{__name__=~"rookery_gateway_.*_seconds_bucket"}';
    const all = await ask<Exemplars[]>('query_exemplars', { query, ...times });
    return all
      .filter(({ exemplars }) => exemplars.some(({ labels }) => labels.trace_id === traceId))
      .map(({ seriesLabels }) => `${seriesLabels.__name__} ${seriesLabels.process}`);
  };
  await expect
    .poll(found, options)
    .toEqual(
      expect.arrayContaining(
        ['request', 'subgraph'].map((what) => `rookery_gateway_${what}_seconds_bucket gateway`),
      ),
    );
});

test('a dead projector is an alert on the process and on each step', async () => {
  await system.kill('projector');
  await firesAndClears(['RookeryProcessUnreachable projector', 'RookeryWritePathStopped feeds'], () =>
    system.start('projector'),
  );
});

test('a stopped recorder is an alert on the writer and on its step, while writes are accepted', async () => {
  await system.kill('recorder', 'SIGTERM');
  const client = new Client(system.gatewayUrl, author.token);
  await client.ask('mutation { publishPost(input: { body: "hello" }) { activity { status } } }');
  await firesAndClears(
    ['RookeryProcessUnreachable recorder', 'RookeryNoWriter', 'RookeryWritePathStopped recorder'],
    () => system.start('recorder'),
  );
});

test('a message that is no event becomes a dead letter and an alert, until an operator drops it', async () => {
  const nats = await connect({ servers: system.servers.nats.url });
  nats.publish('activity.junk', 'no event');
  await nats.drain();
  await firesAndClears(['RookeryDeadLetters recorder'], async () => {
    expect((await ops(system.env, 'status')).json).toMatchObject({ ok: false, lost: 'set aside' });
    expect((await ops(system.env, 'dead-letters', 'drop', '--all', '--why', 'a test')).code).toBe(0);
  });
});

test('a missing query subgraph burns the budget of reads', async () => {
  await system.kill('query');
  const client = new Client(system.gatewayUrl, author.token);
  const readsFail = async () => {
    for (let i = 0; i < 5; i++) await client.send('{ me { handle } }');
    return firing();
  };
  await expect
    .poll(readsFail, options)
    .toEqual(expect.arrayContaining(['RookeryReadAvailabilityBurnsFast read-availability']));
  await firesAndClears(['RookeryProcessUnreachable query', 'RookerySubgraphUnreachable query'], () =>
    system.start('query'),
  );
});

/** Panels that are empty as long as nothing goes wrong, or as nothing of the kind is configured. */
const emptyAtRest = new Set([
  'Sessions ended by a reused refresh token',
  'Retries and refusals',
  'Supergraphs',
  'Closed sockets and dropped subscriptions',
  'Failures and dead letters',
  'Joined queries and fetches',
  'Limited and refused operations',
  'Commands that failed',
  'Failed and stale reads',
  'Open circuit breakers',
  'Replica that is read',
  'Time to live delivery',
  'Live events',
]);

test('every query of every panel is accepted, and each panel of a system in use shows something', async () => {
  const client = new Client(system.gatewayUrl, author.token);
  await client.ask('mutation { publishPost(input: { body: "hello" }) { post { id } } }');
  await client.ask('{ friendsFeed { edges { cursor } } }');
  for (const { name, sections } of dashboards)
    for (const { title, queries } of sections.flatMap(({ panels }) => panels)) {
      const isFilled = async (): Promise<boolean> => {
        const found = await Promise.all(
          queries.map(({ expr }) => ask<{ result: unknown[] }>('query', { query: withWindow(expr, '5m') })),
        );
        return found.some(({ result }) => result.length > 0);
      };
      if (emptyAtRest.has(title)) await isFilled();
      else await expect.poll(isFilled, { message: `${name}: ${title}` }).toBe(true);
    }
});

test.each(['light', 'dark'] as const)(
  'the page shows alerts and charts, and axe finds nothing on any dashboard in %s colors',
  async (colorScheme) => {
    const binary = await findChromium(console.log);
    if (binary === undefined) return;
    const browser = await launchBrowser(binary);
    try {
      const page = await browser.newPage();
      await page.emulateMedia({ colorScheme });
      const complaints: string[] = [];
      page.on('pageerror', ({ message }) => complaints.push(message));
      page.on('console', (message) => {
        if (message.type() === 'error') complaints.push(message.text());
      });
      page.on('request', (request) => {
        if (new URL(request.url()).origin !== prometheus.url) complaints.push(`asks for ${request.url()}`);
      });
      await page.goto(`${prometheus.url}/user/index.html`);
      await page.getByRole('img', { name: /^Operations: [1-9]\d* lines/ }).waitFor();
      await page.getByRole('button', { name: 'Pause' }).click();
      for (const { title } of dashboards) {
        await page.getByRole('link', { name: title.replace(/^.*: /, ''), exact: true }).click();
        await page.getByRole('heading', { level: 1, name: title }).waitFor();
        await page.getByText('Paused', { exact: true }).waitFor();
        expect(await axeFindings(page), title).toEqual([]);
      }
      // The reads that failed in the test before burn their budget for an hour.
      await page
        .getByRole('region', { name: 'Firing and pending alerts' })
        .getByText('RookeryReadAvailabilityBurnsFast')
        .waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  },
  browserTimeout,
);
