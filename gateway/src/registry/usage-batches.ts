import { maxOperationsOfBatch } from '@rookery/registry-protocol';

interface Reported {
  readonly document: string;
  readonly inputs: readonly string[];
}

/** Characters of documents and inputs in one batch: as JSON they stay below the 16 MiB that the registry takes. */
const maxCharacters = 8_000_000;

/** Divides operations into batches that the registry takes as a whole. */
export const batchesOf = <T extends Reported>(operations: readonly T[]): T[][] => {
  const batches: T[][] = [];
  let batch: T[] = [];
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
