import type { FieldDefinition, ObjectType, Schema } from '@apollo/federation-internals';
import type { Composed } from '../compose/compose.ts';
import type { UnplacedChange } from './directives/changes.ts';

interface JoinField {
  readonly graph?: string;
  readonly external?: boolean;
  readonly usedOverridden?: boolean;
}

/** Subgraphs that resolve each field of one object type, by the name of the field. */
type Resolvers = ReadonlyMap<string, ReadonlySet<string>>;

const joined = <Arguments>(
  element: ObjectType | FieldDefinition<ObjectType>,
  directive: string,
): Arguments[] => element.appliedDirectivesOf(directive).map((use) => use.arguments() as Arguments);

/** Returns the name of each subgraph by its name in the enum `join__Graph`. */
const graphNames = (schema: Schema): ReadonlyMap<string, string> => {
  const graphs = schema.type('join__Graph');
  if (graphs?.kind !== 'EnumType') return new Map();
  return new Map(
    graphs.values.map((value) => {
      const [graph] = value.appliedDirectivesOf('join__graph');
      return [value.name, String(graph?.arguments().name ?? value.name)];
    }),
  );
};

const resolversOf = (type: ObjectType, names: ReadonlyMap<string, string>): Resolvers => {
  const nameOf = (graph: string) => names.get(graph) ?? graph;
  const ofType = joined<{ graph: string }>(type, 'join__type').map(({ graph }) => nameOf(graph));
  return new Map(
    type.fields().map((field) => {
      const uses = joined<JoinField>(field, 'join__field').filter(({ graph }) => graph !== undefined);
      const own = uses
        .filter(({ external, usedOverridden }) => !external && !usedOverridden)
        .map(({ graph = '' }) => nameOf(graph));
      return [field.name, new Set(uses.length === 0 ? ofType : own)];
    }),
  );
};

const listOf = (names: ReadonlySet<string>): string => [...names].sort().join(', ');

const fieldMoves = (type: string, before: Resolvers, after: Resolvers): UnplacedChange[] =>
  [...after].flatMap(([field, now]) => {
    const old = before.get(field);
    if (old === undefined || old.size === 0 || now.size === 0 || [...old].some((name) => now.has(name)))
      return [];
    return [
      {
        kind: 'FIELD_MOVED',
        criticality: 'dangerous' as const,
        security: false,
        coordinate: `${type}.${field}`,
        routing: true,
        message: `Field '${type}.${field}' moved from subgraph ${listOf(old)} to ${listOf(now)}.`,
        reason: 'Another subgraph answers the field, at once for all clients.',
      },
    ];
  });

/** Returns the subgraphs that resolve all of these fields. */
const resolvingAll = (resolvers: Resolvers, fields: readonly string[]): ReadonlySet<string> => {
  const [first = new Set<string>(), ...others] = fields.map(
    (field) => resolvers.get(field) ?? new Set<string>(),
  );
  return new Set([...first].filter((name) => others.every((one) => one.has(name))));
};

const entitySplits = (type: ObjectType, before: Resolvers, after: Resolvers): UnplacedChange[] => {
  const fields = [...before.keys()].filter((field) => after.has(field));
  if (fields.length === 0 || resolvingAll(before, fields).size === 0) return [];
  if (resolvingAll(after, fields).size > 0) return [];
  return [
    {
      kind: 'ENTITY_SPLIT',
      criticality: 'dangerous',
      security: false,
      coordinate: type.name,
      routing: true,
      message: `Type '${type.name}' was split: no subgraph resolves all of its fields any longer.`,
      reason: 'Operations that select fields of both parts need another fetch.',
    },
  ];
};

/** Returns the fields of object types that another subgraph answers than before. */
export const routingChanges = (base: Composed, head: Composed): UnplacedChange[] => {
  const [old, now] = [base.supergraph.schema, head.supergraph.schema];
  const [oldNames, nowNames] = [graphNames(old), graphNames(now)];
  const roots = new Set(old.schemaDefinition.roots().map(({ type }) => type.name));
  return now.objectTypes().flatMap((type) => {
    const previous = old.type(type.name);
    if (previous?.kind !== 'ObjectType') return [];
    const [before, after] = [resolversOf(previous, oldNames), resolversOf(type, nowNames)];
    return [
      ...fieldMoves(type.name, before, after),
      ...(roots.has(type.name) ? [] : entitySplits(type, before, after)),
    ];
  });
};
