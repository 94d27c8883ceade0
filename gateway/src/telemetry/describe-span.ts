import type { Span } from '@rookery/runtime';
import type { OperationRecord } from '../pipeline/context.ts';

/** OpenTelemetry's semantic conventions for GraphQL, without the document: texts of clients can hold anything. */
export const describe = (span: Span, { name, type, hash, cost, codes }: OperationRecord): void => {
  span.set({
    ...(name === undefined ? {} : { 'graphql.operation.name': name }),
    ...(type === undefined ? {} : { 'graphql.operation.type': type }),
    ...(hash === undefined ? {} : { 'graphql.document.hash': hash }),
    ...(cost === undefined ? {} : { 'rookery.cost': cost }),
  });
  const [code] = codes;
  if (code !== undefined) span.fail(code);
};
