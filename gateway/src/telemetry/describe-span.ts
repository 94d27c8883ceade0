import type { Span } from '@rookery/runtime';
import type { OperationRecord } from '../pipeline/operation.ts';

/**
 * Names and describes a span after OpenTelemetry's semantic conventions for GraphQL servers. Leaves the document out,
 * since the texts of clients can hold anything.
 */
export const describe = (span: Span, { name, type, hash, cost, codes }: OperationRecord): void => {
  if (type !== undefined) span.rename(type);
  span.set({
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    ...(type === undefined ? {} : { 'graphql.operation.type': type }),
    ...(hash === undefined ? {} : { 'rookery.document_hash': hash }),
    ...(cost === undefined ? {} : { 'rookery.cost': cost }),
  });
  const [code] = codes;
  if (code !== undefined) span.fail(code);
};
