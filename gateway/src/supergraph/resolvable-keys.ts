import { type ConstDirectiveNode, Kind, parse, print, type TypeDefinitionNode, visit } from 'graphql';

/**
 * Puts the keys by which a subgraph resolves a type before those that it only knows (`resolvable: false`). If a plan
 * comes back to a subgraph with what a @requires asks for, Apollo's planner identifies the entity by the first key of
 * the type there, whether the subgraph resolves it or not.
 */
export const resolvableKeysFirst = (sdl: string): string => {
  if (!/resolvable:\s*false/.test(sdl)) return sdl;
  const sorted = <Type extends TypeDefinitionNode>(type: Type): Type => ({
    ...type,
    directives: [
      ...(type.directives ?? []).filter((each) => !isUnresolvable(each)),
      ...(type.directives ?? []).filter(isUnresolvable),
    ],
  });
  return print(visit(parse(sdl), { ObjectTypeDefinition: sorted, InterfaceTypeDefinition: sorted }));
};

const isUnresolvable = ({ name, arguments: given = [] }: ConstDirectiveNode): boolean =>
  name.value === 'join__type' &&
  given.some(
    (each) =>
      each.name.value === 'resolvable' && each.value.kind === Kind.BOOLEAN && each.value.value === false,
  );
