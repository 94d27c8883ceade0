import { maxOperationsOfBatch, type OperationUsage } from '@rookery/registry-protocol';

/** Characters of documents and inputs in one batch: as JSON they stay below the 16 MiB that the registry takes. */
const maxCharacters = 8_000_000;

/** Divides operations into batches that the registry takes as a whole. */
export const batchesOf = (operations: readonly OperationUsage[]): OperationUsage[][] => {
  const batches: OperationUsage[][] = [];
  let batch: OperationUsage[] = [];
  let characters = 0;
  for (const operation of operations) {
    const own = operation.document.length + operation.inputs.join().length;
    if (batch.length === 0 || batch.length === maxOperationsOfBatch || characters + own > maxCharacters) {
      batch = [];
      batches.push(batch);
      characters = 0;
    }
    batch.push(operation);
    characters += own;
  }
  return batches;
};
