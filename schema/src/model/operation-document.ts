import { createHash } from 'node:crypto';
import {
  type DocumentNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  print,
  separateOperations,
} from 'graphql';

/** One operation with the fragments that it needs, in the form in which operations are compared. */
export interface OperationDocument {
  /** SHA-256 of `text`. */
  readonly id: string;
  /** Printed without comments, and with every fragment that the operation needs. */
  readonly text: string;
  /** Parsed from `text`, so that positions refer to it. */
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly name: string;
}

const isOperation = (definition: { readonly kind: Kind }): definition is OperationDefinitionNode =>
  definition.kind === Kind.OPERATION_DEFINITION;

/**
 * Reads one operation of a document. Without a name the document must have exactly one.
 * @throws GraphQLError if the text is no document
 * @throws Error if it does not have the operation
 */
export const readOperation = (text: string, operationName?: string | null): OperationDocument => {
  const all = separateOperations(parse(text));
  const names = Object.keys(all);
  const name = operationName ?? names[0] ?? '';
  const chosen = all[name];
  if (chosen === undefined) throw new Error(`the document has no operation ${operationName ?? ''}`.trimEnd());
  if (operationName === undefined && names.length > 1)
    throw new Error(`the document has ${names.length} operations: name one of ${names.join(', ')}`);
  const printed = print(chosen);
  const document = parse(printed);
  const operation = document.definitions.find(isOperation);
  if (operation === undefined) throw new Error('the document has no operation');
  return {
    id: createHash('sha256').update(printed).digest('hex'),
    text: printed,
    document,
    operation,
    name: name === '' ? '(anonymous)' : name,
  };
};
