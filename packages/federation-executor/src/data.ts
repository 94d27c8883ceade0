import { isRawNumber } from './exact-json.ts';
import { LostValue } from './lost-value.ts';

/** An object of an answer, fetched or made: its fields by their response names. */
export type Data = Record<string, unknown>;

/** Returns whether a fetched value is an object that has fields, and not a list, a lost value or a number kept as text. */
export const isData = (value: unknown): value is Data =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  !(value instanceof LostValue) &&
  !isRawNumber(value);
