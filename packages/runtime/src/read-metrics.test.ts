import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createMetrics, Gauge, Histogram, Registry } from './metrics.ts';
import { readMetric, readSamples, samplesOf } from './read-metrics.ts';
import { serveMetrics } from './serve-metrics.ts';

it('reads back whatever labels and values were told', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.tuple(fc.string({ unit: 'binary' }), fc.double({ noNaN: true })), {
        selector: ([label]) => label,
      }),
      async (told) => {
        const registry = new Registry();
        const gauge = new Gauge({ name: 'some', help: 'x', labelNames: ['of'], registers: [registry] });
        for (const [of, value] of told) gauge.set({ of }, value);
        expect(samplesOf(await registry.metrics(), 'some')).toEqual(
          told.map(([of, value]) => ({ labels: { of }, value: value === 0 ? 0 : value })),
        );
      },
    ),
  );
});

it('means one metric by its whole name, and all that have the labels', async () => {
  await using resources = new AsyncDisposableStack();
  const registry = createMetrics('test');
  const registers = [registry];
  const up = new Gauge({ name: 'up', help: 'x', labelNames: ['queue', 'zone'], registers });
  new Gauge({ name: 'up_since', help: 'x', registers }).set(7);
  up.set({ queue: 'first', zone: 'a' }, 1);
  up.set({ queue: 'first', zone: 'b' }, 2);
  up.set({ queue: 'second', zone: 'a' }, 4);
  new Histogram({ name: 'took', help: 'x', registers }).observe(3);
  const url = await serveMetrics(registry, { host: '127.0.0.1', port: 0 }, resources);
  expect(await readMetric(url, 'up')).toBe(7);
  expect(await readMetric(url, 'up', { queue: 'first' })).toBe(3);
  expect(await readMetric(url, 'up', { zone: 'a', queue: 'second' })).toBe(4);
  expect(await readMetric(url, 'up', { queue: 'third' })).toBeUndefined();
  expect(await readMetric(url, 'took_count')).toBe(1);
  expect(await readMetric(url, 'took')).toBeUndefined();
  expect((await readSamples(url, 'took_bucket')).at(-1)).toEqual({
    labels: { le: '+Inf', process: 'test' },
    value: 1,
  });
  await resources.disposeAsync();
  await expect(readMetric(url, 'up')).rejects.toThrow();
});
