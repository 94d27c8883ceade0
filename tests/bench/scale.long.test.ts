import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { cloneDir } from '@rookery/stack';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { useServers } from '../support/index.ts';

const result = z.object({
  machine: z.string(),
  sizes: z.array(z.object({ people: z.number(), figures: z.record(z.string(), z.number()) })),
  laws: z.array(
    z.object({
      what: z.string(),
      value: z.number(),
      limit: z.number(),
      kind: z.enum(['at most', 'at least']),
      held: z.boolean(),
    }),
  ),
});

test('the benchmark of scale measures every part of a tiny network', async () => {
  const child = spawn(
    process.execPath,
    [
      'bench/src/scale.ts',
      '--people',
      '40',
      '--samples',
      '10',
      '--seconds',
      '1',
      '--events',
      '100',
      '--json',
    ],
    {
      cwd: cloneDir,
      env: { ...process.env, POSTGRES_URL: useServers().postgresUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exited]);
  // A machine that runs tests does not hold the laws: 0 and 1 both mean that they were measured.
  expect([0, 1], err).toContain(code);
  const { sizes, laws } = result.parse(JSON.parse(out));
  const [tiny] = sizes;
  expect([sizes.length, tiny?.people]).toEqual([1, 40]);
  for (const figure of [
    'first page, 10 followings, p50 ms',
    'page past the cap, 10 followings, mean ms',
    'first page of a cold reader, 10 followings, p50 ms',
    'first page, 10 followings, idle, p99 ms',
    'page past the cap, 10 followings, beside posts, p99 ms',
    'first page, all readers, beside posts, p99 ms',
    'like on the hottest post, projected, p50 ms',
    'post of the most-followed person, projected, p50 ms',
    'catch-up, events per second',
    'rebuild of all read models, events per second',
    'the same page by SQL, 10 followings, 8 in flight, per second',
    'the same page by SQL, 10 followings, 8 in flight, p99 ms',
    'first pages against SQL, 10 followings, per second',
    'first pages against SQL, 10 followings, p99',
    'first pages of all readers in turn, 8 in flight, per second',
    'the same pages by SQL, all readers in turn, 8 in flight, per second',
    'bulk load, events per second',
    'event store, bytes per event',
    'Redis, bytes per entry of a feed',
  ])
    expect(tiny?.figures[figure], figure).toBeGreaterThan(0);
  expect(
    laws.every(
      ({ kind, value, limit, held }) => held === (kind === 'at most' ? value <= limit : value >= limit),
    ),
  ).toBe(true);
  expect(code).toBe(laws.every(({ held }) => held) ? 0 : 1);
});
