import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cloneDir, metricName, processNames } from '@rookery/stack';
import { expect, it } from 'vitest';
import { Client } from '../support/clients/client.ts';
import { freshDatabase, freshNats, freshRedis, startSystem } from '../support/index.ts';
import {
  documentedLabels,
  type Family,
  familiesOf,
  renderMetrics,
  type Scrapes,
} from './metrics-reference.ts';

const file = join(cloneDir, 'docs/reference/metrics.md');
const marker = '<!-- metrics: from the scrapes of all processes -->';

/** To write the tables again: `UPDATE_METRICS=1 npm test -- tests/telemetry/metrics-reference`. */
it('docs/reference/metrics.md lists every metric of all five processes, and no other', {
  timeout: 240_000,
}, async () => {
  // With everything configured that adds a metric.
  await using secondNats = await freshNats();
  await using secondRedis = await freshRedis();
  await using backup = await freshDatabase();
  await using system = await startSystem({
    env: {
      NATS_REDUNDANT_URL: secondNats.url,
      REDIS_STANDBY_URL: secondRedis.url,
      EVENT_STORE_BACKUP_URL: backup.url,
    },
  });
  const account = await system.signUp();
  const client = new Client(system.gatewayUrl, account.token);
  await client.ask('mutation { publishPost(input: { body: "hello" }) { post { id } } }');
  await client.send('{ nothing }');
  await client.ask('query ($id: ID!) { user(id: $id) { id } friendsFeed { edges { cursor } } }', {
    id: account.id,
  });

  const scrapes = Object.fromEntries(
    await Promise.all(
      processNames.map(async (name): Promise<[string, Family[]]> => {
        const response = await fetch(`${system.metricsUrls[name]}/metrics`);
        return [name, familiesOf(await response.text())];
      }),
    ),
  ) as unknown as Scrapes;
  for (const name of processNames) expect(scrapes[name].length, name).toBeGreaterThan(20);
  // Those of prom-client itself have its names.
  for (const { name } of Object.values(scrapes).flat())
    if (!/^(process|nodejs)_/.test(name)) expect(name).toMatch(metricName);

  const text = readFileSync(file, 'utf8');
  const [intro = ''] = text.split(marker);
  const expected = `${intro}${marker}\n\n${renderMetrics(scrapes, documentedLabels(text))}\n`;
  if (process.env.UPDATE_METRICS) writeFileSync(file, expected);
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
