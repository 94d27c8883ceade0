import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import type { UsageBatch } from '@rookery/registry-protocol';
import { createLog } from '@rookery/runtime';
import { buildSchema, type OperationDefinitionNode, parse } from 'graphql';
import { expect, onTestFinished, test } from 'vitest';
import type { Prepared } from '../pipeline/prepared.ts';
import { UsageCollector } from './usage-collector.ts';

/** Starts a registry that gives these answers, and then 200. Returns its address and the sizes of its batches. */
const startStub = async (...statuses: number[]) => {
  const sizes: number[] = [];
  const server = createServer(async (request, response) => {
    const { operations } = (await json(request)) as UsageBatch;
    sizes.push(operations.length);
    response.writeHead(statuses.shift() ?? 200).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the stub has no port');
  return { url: `http://127.0.0.1:${address.port}`, sizes };
};

/** Counts operations with documents of this length, one per client. */
const collect = (url: string, operations: number, length = 0) => {
  const document = parse(`{ ${'a'.repeat(length)}name }`);
  const [operation] = document.definitions as OperationDefinitionNode[];
  const graph = { schema: buildSchema('type Query { name: String }') };
  const prepared = { key: 'k', document, operation, graph } as Prepared;
  const access = { url, environment: 'production', token: 't' };
  const log = createLog('test', 'silent');
  const collector = new UsageCollector({ ...access, sampling: 1, intervalMs: 20 }, log);
  onTestFinished(() => collector[Symbol.dispose]());
  for (let n = 0; n < operations; n++) {
    const used = collector.observe(prepared, {});
    if (used) collector.count(used, { name: `client ${n}`, version: undefined }, 1, false);
  }
};

test('a batch that the registry refuses is lost alone', async () => {
  const { url, sizes } = await startStub(400);
  collect(url, 1_001);
  await expect.poll(() => sizes).toEqual([500, 500, 1]);
});

test('nothing else is sent if the registry fails', async () => {
  const { url, sizes } = await startStub(500);
  collect(url, 1_001);
  await expect.poll(() => sizes).toEqual([500]);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(sizes).toEqual([500]);
});

test('a batch ends before its documents exceed what the registry reads', async () => {
  const { url, sizes } = await startStub();
  collect(url, 100, 190_000);
  await expect.poll(() => sizes).toEqual([42, 42, 16]);
});
