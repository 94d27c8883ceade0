import { maxOperationsOfBatch, type OperationUsage, usageBatch } from '@rookery/registry-protocol';
import { describe, expect, it } from 'vitest';
import { batchesOf } from './usage-batches.ts';

const operations = (count: number, length = 1, inputs: string[] = []): OperationUsage[] =>
  Array.from({ length: count }, () => ({
    document: 'a'.repeat(length),
    operationName: null,
    client: { name: null, version: null },
    count: 1,
    errors: 0,
    durationMs: 1,
    inputs,
  }));
const sizes = (batches: readonly (readonly unknown[])[]) => batches.map(({ length }) => length);

describe('batches of a usage report', () => {
  it('have as many operations as the registry takes, and lose none', () => {
    const batches = batchesOf(operations(2 * maxOperationsOfBatch + 1));
    expect(sizes(batches)).toEqual([maxOperationsOfBatch, maxOperationsOfBatch, 1]);
    for (const batch of batches) expect(usageBatch.safeParse({ operations: batch }).success).toBe(true);
  });

  it('end before their documents exceed what the registry reads', () => {
    expect(sizes(batchesOf(operations(100, 190_000)))).toEqual([42, 42, 16]);
  });

  it('end before their inputs do', () => {
    const inputs = Array.from({ length: 1_000 }, () => 'i'.repeat(299));
    expect(sizes(batchesOf(operations(30, 1, inputs)))).toEqual([26, 4]);
  });

  it('are none without operations', () => {
    expect(batchesOf([])).toEqual([]);
  });
});
