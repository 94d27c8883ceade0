import { join } from 'node:path';
import { cloneDir, findCollector, startCollector } from '@rookery/stack';
import { expect, it } from 'vitest';
import { postGraphql } from '../support/clients/post-graphql.ts';
import { startSystem, useServers } from '../support/index.ts';
import { startReceiver } from './receiver.ts';

const traceId = (n: number): string => n.toString(16).padStart(32, '0');
/** Requests that are answered at once, and without an error. */
const ordinary = 300;

it('a collector keeps each trace with an error and each slow one, and few of the others', {
  timeout: 900_000,
}, async ({ skip }) => {
  const path = await findCollector(console.log);
  if (path === undefined) return skip('Go is needed to build the collector');
  await using receiver = await startReceiver();
  await using undo = new AsyncDisposableStack();
  const { dir } = useServers();
  const collector = await startCollector({
    path,
    dir: join(dir, 'collector'),
    configFile: join(cloneDir, 'deploy/observability/collector/tail-sampling.yaml'),
    tracesUrl: receiver.url,
    logFile: join(dir, 'collector.log'),
  });
  undo.defer(() => collector.stop());
  const system = await startSystem({
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_BSP_SCHEDULE_DELAY: '50' },
  });
  undo.defer(() => system.stop());
  const ask = (n: number, query: string) =>
    postGraphql(
      `${system.gatewayUrl}/graphql`,
      { query },
      { headers: { traceparent: `00-${traceId(n)}-${'1'.repeat(16)}-01` } },
    );
  const quick = '{ user(handle: "nobody") { name } }';
  // Those of less than a second: on a busy machine others are kept, too.
  const fast: number[] = [];
  for (let n = 1; n <= ordinary; n++) {
    const began = performance.now();
    await ask(n, quick);
    if (performance.now() - began < 1_000) fast.push(n);
  }

  const [failed, slow] = [ordinary + 1, ordinary + 2];
  await ask(failed, 'query Failed { nowhere }');
  const query = system.pid('query');
  if (query === undefined) throw new Error('no query subgraph runs');
  process.kill(query, 'SIGSTOP');
  const answer = ask(slow, quick);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  process.kill(query, 'SIGCONT');
  await answer;

  const namesOf = (n: number): string[] =>
    receiver.spans
      .filter((span) => span.traceId === traceId(n))
      .map(({ service, name }) => `${service} ${name}`);
  const limits = { timeout: 120_000, interval: 500 };
  // Whole traces, with the spans of every process.
  await expect
    .poll(() => namesOf(slow), limits)
    .toEqual(expect.arrayContaining(['gateway query', 'query POST /graphql']));
  await expect.poll(() => namesOf(failed), limits).toEqual([expect.stringMatching(/^gateway /)]);
  // One of a hundred; ten times as many come once in billions of runs.
  expect(fast.filter((n) => namesOf(n).length > 0).length).toBeLessThan(ordinary / 10);
  expect(fast.length).toBeGreaterThan(ordinary / 2);
});
