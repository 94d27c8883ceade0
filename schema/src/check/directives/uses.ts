import { type Directive, EnumType, FieldDefinition, type Schema } from '@apollo/federation-internals';
import { directiveRules } from './rules.ts';
import type { Defaults, DirectiveArguments, DirectiveLocation } from './verdict.ts';

/** All uses of one directive at one place. */
export interface Uses extends DirectiveLocation {
  /** Name in the table of rules; undefined if the directive is not known. */
  readonly known: string | undefined;
  readonly given: readonly DirectiveArguments[];
  /** Arguments of the field, if the element is a field. */
  readonly defaults: Defaults;
}

/** Uses by place (`Type.field.argument`, or `schema`), then by directive. */
export type UsesByPlace = ReadonlyMap<string, ReadonlyMap<string, Uses>>;

const specified = new Set(['deprecated', 'specifiedBy', 'oneOf']);
const own = 'https://rookery.invalid/';
const apollo = 'https://specs.apollo.dev/';
/** Specifications by which the supergraph describes itself. */
const machinery = new Set([`${apollo}join`, `${apollo}link`, `${apollo}core`]);

type AnyElement = ReturnType<Schema['allSchemaElement']> extends Generator<infer Element> ? Element : never;

interface Identity {
  readonly key: string;
  readonly known: string | undefined;
}

/** Returns which directive it is, whatever the schema calls it; undefined for the supergraph's own machinery. */
const identify = (schema: Schema, { name }: Directive): Identity | undefined => {
  const features = schema.coreFeatures;
  // Federation 1 links nothing: its directives go by their names.
  if (specified.has(name) || features === undefined) {
    const known = Object.hasOwn(directiveRules, name) ? name : undefined;
    return { key: known ?? `@${name}`, known };
  }
  const definition = schema.directive(name);
  const source = definition && features.sourceFeature(definition);
  if (!source) return { key: `@${name}`, known: undefined };
  const { identity } = source.feature.url;
  const called = source.nameInFeature ?? name;
  if (machinery.has(identity)) return called === 'link' ? { key: 'link', known: 'link' } : undefined;
  const isKnown =
    Object.hasOwn(directiveRules, called) && (identity === `${own}${called}` || identity.startsWith(apollo));
  return isKnown ? { key: called, known: called } : { key: `${identity} @${called}`, known: undefined };
};

const placeOf = (element: AnyElement): string =>
  'coordinate' in element ? String(element.coordinate).replace(/\((.*):\)$/, '.$1') : 'schema';

const defaultsOf = (element: AnyElement): Defaults =>
  element instanceof FieldDefinition
    ? Object.fromEntries(element.arguments().map(({ name, defaultValue }) => [name, defaultValue]))
    : {};

/** Returns every element of a schema; federation-internals leaves out the values of enums. */
function* elementsOf(schema: Schema): Generator<AnyElement> {
  for (const element of schema.allSchemaElement()) {
    yield element;
    if (element instanceof EnumType) yield* element.values;
  }
}

/** Reads the uses of directives in the schema of a subgraph or supergraph. Every element has an entry. */
export const readUses = (schema: Schema): Map<string, Map<string, Uses>> => {
  const places = new Map<string, Map<string, Uses>>();
  for (const element of elementsOf(schema)) {
    const uses = new Map<string, Uses>();
    for (const directive of element.appliedDirectives as readonly Directive[]) {
      const identity = identify(schema, directive);
      if (identity === undefined) continue;
      const { key, known } = identity;
      const given = [...(uses.get(key)?.given ?? []), { ...directive.arguments() }];
      const kind = 'kind' in element ? String(element.kind) : '';
      uses.set(key, { directive: `@${directive.name}`, kind, known, given, defaults: defaultsOf(element) });
    }
    places.set(placeOf(element), uses);
  }
  return places;
};

const permissions = ['authenticated', 'requiresScopes', 'policy'];

/** Reads the uses of directives in a supergraph, without what composition repeats at an interface for its types. */
export const readEnforcedUses = (supergraph: Schema): UsesByPlace => {
  const places = readUses(supergraph);
  for (const type of supergraph.interfaceTypes()) {
    const objects = type.possibleRuntimeTypes();
    for (const suffix of ['', ...type.fields().map(({ name }) => `.${name}`)]) {
      const isRepeated = (key: string) => objects.some(({ name }) => places.get(name + suffix)?.has(key));
      for (const key of permissions.filter(isRepeated)) places.get(type.name + suffix)?.delete(key);
    }
  }
  return places;
};
