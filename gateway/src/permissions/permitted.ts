import type { DocumentNode, GraphQLFormattedError, OperationDefinitionNode } from 'graphql';

/** Answers of which something was left out, made whole: see `restore`. */
export type Restore = (answer: {
  data?: Record<string, unknown> | null;
  errors?: readonly GraphQLFormattedError[];
}) => void;

/** Permitted part of an operation. */
export interface Permitted {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly queryHash: string;
  readonly restore: Restore | undefined;
}
