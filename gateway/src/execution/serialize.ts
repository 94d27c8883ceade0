import { type GraphQLLeafType, isEnumType, isSpecifiedScalarType } from 'graphql';
import { isRawNumber } from './exact-json.ts';

/** Returns what a client gets for a subgraph's value, undefined if the value is not of the type. */
type Serialize = (value: unknown) => unknown;

const maxInt = 2 ** 31 - 1;
const minInt = -(2 ** 31);

const accept =
  (isValid: (value: unknown) => boolean): Serialize =>
  (value) =>
    isValid(value) ? value : undefined;

const serializers: Readonly<Record<string, Serialize>> = {
  Boolean: accept((value) => typeof value === 'boolean'),
  String: accept((value) => typeof value === 'string'),
  Int: accept((value) => Number.isInteger(value) && Number(value) >= minInt && Number(value) <= maxInt),
  Float: (value) => {
    const number = isRawNumber(value) ? Number(value.rawJSON) : value;
    return Number.isFinite(number) ? number : undefined;
  },
  ID: (value) => {
    if (typeof value === 'string') return value;
    if (Number.isInteger(value)) return String(value);
    return isRawNumber(value) && /^-?\d+$/.test(value.rawJSON) ? value.rawJSON : undefined;
  },
};

/**
 * Returns how values of a scalar or an enum become part of an answer (GraphQL, section 3.5). Subgraphs have coerced
 * them already, so other kinds are refused; an ID may come as a number. A custom scalar may be anything.
 */
export const serializerOf = (type: GraphQLLeafType): Serialize => {
  if (isEnumType(type))
    return accept((value) => typeof value === 'string' && type.getValue(value) !== undefined);
  return (isSpecifiedScalarType(type) && serializers[type.name]) || ((value) => value);
};
