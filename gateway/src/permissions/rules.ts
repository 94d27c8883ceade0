import { argumentsOf, linkedName } from '@rookery/federation-executor';
import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
} from 'graphql';
import { z } from 'zod';

/** A requirement. Scopes and policies: all entries of any one of the lists. Equal requirements have equal keys. */
export type Requirement = { readonly key: string } & (
  | { readonly kind: 'authenticated' }
  | { readonly kind: 'scopes' | 'policy'; readonly anyOf: readonly (readonly string[])[] }
);

/** Permission rules of a supergraph. */
export interface PermissionRules {
  /** By type, and by `Type.field`. */
  readonly requirements: ReadonlyMap<string, readonly Requirement[]>;
  /** By `Type.field`: what the gateway fetches for a subgraph that resolves the field (@requires). */
  readonly requires: ReadonlyMap<string, readonly string[]>;
}

type Composite = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode;

const anyOf = z.array(z.array(z.string()));
const specification = (name: string) => `https://specs.apollo.dev/${name}/`;

/**
 * Reads @authenticated, @requiresScopes and @policy from a composed supergraph.
 *
 * Composition repeats the rules of object types on their interfaces, which adds nothing, since the type of an
 * object determines its rules. A rule on an interface alone applies to all its types.
 */
export const readPermissionRules = (supergraph: DocumentNode): PermissionRules => {
  const names = {
    authenticated: linkedName(supergraph, specification('authenticated'), 'authenticated'),
    scopes: linkedName(supergraph, specification('requiresScopes'), 'requiresScopes'),
    policy: linkedName(supergraph, specification('policy'), 'policy'),
  };
  const requirements = new Map<string, readonly Requirement[]>();
  const requires = new Map<string, readonly string[]>();
  const note = (coordinate: string, directives: readonly ConstDirectiveNode[] = []) => {
    const found = directives.flatMap((directive) => requirementOf(directive, names));
    if (found.length > 0) requirements.set(coordinate, found);
  };

  const composites: Composite[] = [];
  for (const definition of supergraph.definitions) {
    if (!('directives' in definition) || !('name' in definition) || definition.name === undefined) continue;
    if (definition.kind === Kind.DIRECTIVE_DEFINITION) continue;
    note(definition.name.value, definition.directives as readonly ConstDirectiveNode[]);
    if (definition.kind !== Kind.OBJECT_TYPE_DEFINITION && definition.kind !== Kind.INTERFACE_TYPE_DEFINITION)
      continue;
    composites.push(definition);
    for (const field of definition.fields ?? []) {
      const coordinate = `${definition.name.value}.${field.name.value}`;
      note(coordinate, field.directives);
      const sets = requiredSets(field);
      if (sets.length > 0) requires.set(coordinate, sets);
    }
  }
  spread(composites, requirements);
  return { requirements, requires };
};

const requirementOf = (
  directive: ConstDirectiveNode,
  names: { readonly authenticated: string; readonly scopes: string; readonly policy: string },
): Requirement[] => {
  const { authenticated, scopes, policy } = names;
  const name = directive.name.value;
  if (name === authenticated) return [{ key: 'authenticated', kind: 'authenticated' }];
  if (name === scopes) return [alternatives('scopes', argumentsOf(directive).scopes)];
  if (name === policy) return [alternatives('policy', argumentsOf(directive).policies)];
  return [];
};

const alternatives = (kind: 'scopes' | 'policy', given: unknown): Requirement => {
  const lists = anyOf.parse(given);
  return { key: `${kind} ${JSON.stringify(lists)}`, kind, anyOf: lists };
};

/** Field sets, as text, that a subgraph is given to resolve the field by. */
const requiredSets = ({ directives = [] }: FieldDefinitionNode): string[] =>
  directives
    .filter(({ name }) => name.value === 'join__field')
    .map((directive) => argumentsOf(directive).requires)
    .filter((set) => typeof set === 'string');

/** Gives to each type what is demanded at its interfaces and at none of their types. */
const spread = (
  composites: readonly Composite[],
  requirements: Map<string, readonly Requirement[]>,
): void => {
  const typesOf = (name: string) =>
    composites.filter(
      ({ kind, interfaces = [] }) =>
        kind === Kind.OBJECT_TYPE_DEFINITION && interfaces.some((each) => each.name.value === name),
    );
  for (const { kind, name, fields = [] } of composites) {
    if (kind !== Kind.INTERFACE_TYPE_DEFINITION) continue;
    const types = typesOf(name.value).map((type) => type.name.value);
    for (const suffix of ['', ...fields.map((field) => `.${field.name.value}`)]) {
      const coordinates = types.map((type) => type + suffix);
      const alone = (requirements.get(name.value + suffix) ?? []).filter(
        ({ kind: demanded }) =>
          !coordinates.some((each) => requirements.get(each)?.some((one) => one.kind === demanded)),
      );
      if (alone.length > 0)
        for (const each of coordinates) requirements.set(each, [...(requirements.get(each) ?? []), ...alone]);
    }
  }
};
