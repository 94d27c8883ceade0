import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';
import { isRawNumber, type RawNumber } from './exact-json.ts';

/** Returns what a client gets for a subgraph's value, undefined if the value is not of the type. */
type Serialize = (value: unknown) => unknown;

/** Checks for values that need no coercion, as nearly all. */
const asIs: Readonly<Record<string, (value: unknown) => boolean>> = {
  Boolean: (value) => typeof value === 'boolean',
  Int: (value) => Number.isInteger(value) && (Number(value) | 0) === value,
  Float: (value) => Number.isFinite(value),
  String: (value) => typeof value === 'string',
  ID: (value) => typeof value === 'string',
};

/** Serializers of a number that a double cannot hold. An Int cannot be one; an ID and a String keep its digits. */
const exactSerializers: Readonly<Record<string, (value: RawNumber) => unknown>> = {
  Boolean: () => true,
  Int: () => undefined,
  Float: ({ rawJSON }) => finite(Number(rawJSON)),
  String: ({ rawJSON }) => rawJSON,
  ID: ({ rawJSON }) => (/^-?\d+$/.test(rawJSON) ? rawJSON : undefined),
};

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);

/**
 * Returns how values of a scalar or an enum become part of an answer (GraphQL, section 3.5). A value of another kind is
 * coerced as graphql-js does it, as if the gateway were the server, or refused if it says something else. A custom scalar
 * may be anything.
 */
export const serializerOf = (type: GraphQLLeafType): Serialize => {
  if (isEnumType(type))
    return (value) => (typeof value === 'string' && type.getValue(value) !== undefined ? value : undefined);
  if (!isSpecifiedScalarType(type)) return (value) => value;
  const exact = exactSerializers[type.name];
  const isAsIs = asIs[type.name] ?? (() => false);
  return (value) => {
    if (isAsIs(value)) return value;
    if (isRawNumber(value)) return exact?.(value);
    try {
      return type.serialize(value);
    } catch {
      return undefined;
    }
  };
};
