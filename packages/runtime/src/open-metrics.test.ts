import { expect, test } from 'vitest';
import { Counter, createMetrics, Gauge } from './metrics.ts';
import { openMetricsText } from './open-metrics.ts';
import { samplesOf } from './read-metrics.ts';
import { serveMetrics } from './serve-metrics.ts';
import { TracedHistogram } from './traced-histogram.ts';

const traceId = 'a'.repeat(32);
const sampled = `00-${traceId}-${'b'.repeat(16)}-01`;
const unsampled = `00-${'c'.repeat(32)}-${'b'.repeat(16)}-00`;

const registryOf = () => {
  const registry = createMetrics('test');
  const registers = [registry];
  const seconds = new TracedHistogram({
    ...{ name: 'x_seconds', help: 'of "x"\nin two lines', labelNames: ['kind', 'name'] as const },
    ...{ buckets: [0.1, 1], registers },
  });
  const all = new Counter({ name: 'x_things_total', help: 'all', registers });
  return { registry, seconds, all, one: new Gauge({ name: 'x_now', help: 'now', registers }) };
};

test('a bucket names the trace of the last sampled observation that fell into it', async () => {
  const { registry, seconds } = registryOf();
  const odd = { kind: 'a"b\n', name: '\\' };
  seconds.observeTraced(odd, 0.05, undefined);
  seconds.observeTraced(odd, 0.5, sampled);
  seconds.observeTraced(odd, 0.6, unsampled);
  seconds.observeTraced({ kind: 'other', name: '' }, 7, sampled);
  const lines = (await openMetricsText(registry)).split('\n').filter((line) => line.includes(' # {'));
  expect(lines).toEqual([
    expect.stringMatching(/^x_seconds_bucket\{le="1",.*\} 3 # \{trace_id="a{32}"\} 0\.5 \d{10}(\.\d+)?$/),
    expect.stringMatching(
      /^x_seconds_bucket\{le="\+Inf",.*kind="other".*\} 1 # \{trace_id="a{32}"\} 7 \d{10}/,
    ),
  ]);
  expect(await registry.metrics()).not.toContain('trace_id');
});

test('samples have the same names and values as in the format of Prometheus', async () => {
  const { registry, seconds, all, one } = registryOf();
  seconds.observe({ kind: 'a', name: 'b' }, 0.5);
  all.inc(3);
  one.set(2);
  const text = await openMetricsText(registry);
  for (const name of ['x_seconds_bucket', 'x_seconds_count', 'x_things_total', 'x_now'])
    expect(samplesOf(text, name)).toEqual(samplesOf(await registry.metrics(), name));
  expect(text).toContain('# TYPE x_things counter\nx_things_total{process="test"} 3\n');
  expect(text).not.toMatch(/^$.+/m);
  expect(text).not.toContain('\n\n');
  expect(text).toMatch(/\n# EOF\n$/);
});

test('a scraper that asks for OpenMetrics gets it', async () => {
  await using resources = new AsyncDisposableStack();
  const url = await serveMetrics(registryOf().registry, { host: '127.0.0.1', port: 0 }, resources);
  const accept = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.4';
  const response = await fetch(`${url}/metrics`, { headers: { accept } });
  expect(response.headers.get('content-type')).toContain('application/openmetrics-text; version=1.0.0');
  expect(await response.text()).toMatch(/# EOF\n$/);
});
