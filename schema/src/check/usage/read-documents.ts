import { type GraphQLSchema, validate } from 'graphql';
import { type OperationDocument, readOperation } from '../../model/operation-document.ts';

/** A document as a registry stores it. */
export interface ReadDocument {
  /** SHA-256 of the normalized document. */
  readonly operation: string;
  /** Null if the operation is anonymous. */
  readonly name: string | null;
  readonly kind: 'query' | 'mutation' | 'subscription';
}

/** Reason why a document cannot be trusted. */
export interface DocumentProblem {
  readonly problem: string;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n', 1)[0] ?? '';

const read = (text: string): OperationDocument | DocumentProblem => {
  try {
    return readOperation(text);
  } catch (error) {
    return { problem: firstLine(error) };
  }
};

/**
 * Reads documents with one operation each.
 * @param schema what clients see; undefined: documents are only parsed
 */
export const readDocuments = (
  documents: readonly string[],
  schema: GraphQLSchema | undefined,
): (ReadDocument | DocumentProblem)[] =>
  documents.map((text) => {
    const found = read(text);
    if ('problem' in found) return found;
    const [error] = schema === undefined ? [] : validate(schema, found.document);
    if (error !== undefined) return { problem: firstLine(error) };
    const { id, operation } = found;
    return { operation: id, name: operation.name?.value ?? null, kind: operation.operation };
  });
