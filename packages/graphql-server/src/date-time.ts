import { GraphQLError, GraphQLScalarType, Kind } from 'graphql';

/** Format of every DateTime: `2026-01-31T09:05:00.123Z`. */
const shape = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

const check = (value: unknown): string => {
  // 30 February matches the pattern, and Date would convert it to 2 March.
  if (typeof value === 'string' && shape.test(value)) {
    const date = new Date(value);
    if (!Number.isNaN(date.valueOf()) && date.toISOString() === value) return value;
  }
  throw new GraphQLError('DateTime must be an ISO 8601 instant in UTC with milliseconds.', {
    extensions: { code: 'BAD_USER_INPUT' },
  });
};

/** Scalar DateTime of the contract: an ISO 8601 instant in UTC with milliseconds, as text. */
export const dateTime = new GraphQLScalarType<string, string>({
  name: 'DateTime',
  description: 'ISO 8601 instant in UTC with milliseconds.',
  serialize: (value) => {
    if (value instanceof Date) return value.toISOString();
    return check(value);
  },
  parseValue: check,
  parseLiteral: (node) => check(node.kind === Kind.STRING ? node.value : undefined),
});
