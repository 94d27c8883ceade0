import { buildSchema, type GraphQLSchema, Kind, parse, print, printSchema } from 'graphql';
import { coordinates } from '../compose/coordinates.ts';

const nameOf = (definition: { readonly kind: Kind }): string =>
  'name' in definition ? (definition.name as { readonly value: string }).value : '';

/** Returns the comments before the first definition of a document, and those after the last one. */
const commentsAround = (sdl: string): readonly [head: string, foot: string] => {
  const { definitions } = parse(sdl);
  const [first, last] = [definitions[0]?.loc?.start ?? 0, definitions.at(-1)?.loc?.end ?? 0];
  return [sdl.slice(0, first), sdl.slice(last)];
};

/**
 * Returns the contract for this public API: the definitions come from the API, and the order of types and the comments
 * around them from the committed contract. A contract only grows: while the API lacks something that the committed one
 * promises, that one is returned as it is, and its test fails until the API has it again or the contract is edited.
 */
export const contractFor = (api: GraphQLSchema, committed: string): string => {
  const shown = new Set(coordinates(api));
  if (coordinates(buildSchema(committed)).some((coordinate) => !shown.has(coordinate))) return committed;
  const order = parse(committed).definitions.map(nameOf);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : order.length);
  const definitions = [...parse(printSchema(api)).definitions].sort(
    (a, b) => rank(nameOf(a)) - rank(nameOf(b)),
  );
  const [head, foot] = commentsAround(committed);
  return `${head}${print({ kind: Kind.DOCUMENT, definitions })}${foot}`;
};
