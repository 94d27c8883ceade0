import {
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isScalarType,
  parse,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { CoordinateUsage, RecordedOperation } from './messages.ts';

/** Returns all coordinates of a schema that an operation can use. */
const coordinatesOf = (schema: GraphQLSchema): string[] =>
  Object.values(schema.getTypeMap()).flatMap((type) => {
    if (isIntrospectionType(type) || isScalarType(type)) return [];
    if (isEnumType(type)) return type.getValues().map(({ name }) => `${type.name}.${name}`);
    if (isInputObjectType(type)) return Object.keys(type.getFields()).map((name) => `${type.name}.${name}`);
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return Object.values(type.getFields()).flatMap(({ name, args }) => [
      `${type.name}.${name}`,
      ...args.map((argument) => `${type.name}.${name}(${argument.name}:)`),
    ]);
  });

/** Returns the names under which a field is used: its type, and every type that implements or declares it. */
const typesWith = (schema: GraphQLSchema, typeName: string, field: string): string[] => {
  const type = schema.getType(typeName);
  const related = isInterfaceType(type)
    ? schema.getPossibleTypes(type)
    : isObjectType(type)
      ? type.getInterfaces()
      : [];
  return [typeName, ...related.filter((one) => field in one.getFields()).map(({ name }) => name)];
};

/** Returns the coordinates that a document uses; none if it is no longer valid in parts. */
const usedBy = (schema: GraphQLSchema, document: string): ReadonlySet<string> => {
  const used = new Set<string>();
  const info = new TypeInfo(schema);
  visit(
    parse(document),
    visitWithTypeInfo(info, {
      Field: ({ name: { value: field }, arguments: given = [] }) => {
        const parent = info.getParentType();
        if (!parent || !info.getFieldDef()) return;
        for (const type of typesWith(schema, parent.name, field)) {
          used.add(`${type}.${field}`);
          for (const { name } of given) used.add(`${type}.${field}(${name.value}:)`);
        }
      },
      ObjectField: ({ name }) => {
        const parent = getNamedType(info.getParentInputType());
        if (isInputObjectType(parent)) used.add(`${parent.name}.${name.value}`);
      },
      EnumValue: ({ value }) => {
        const type = getNamedType(info.getInputType());
        if (isEnumType(type)) used.add(`${type.name}.${value}`);
      },
    }),
  );
  return used;
};

/** Adds up the use of each coordinate of a schema. */
export const usageOfCoordinates = (
  schema: GraphQLSchema,
  operations: readonly RecordedOperation[],
): CoordinateUsage[] => {
  const all = new Map(
    coordinatesOf(schema).map((coordinate) => [
      coordinate,
      { coordinate, count: 0, lastSeen: null as string | null, clients: new Set<string>() },
    ]),
  );
  for (const { document, inputs, count, lastSeen, client } of operations)
    for (const coordinate of new Set([...usedBy(schema, document), ...inputs])) {
      const usage = all.get(coordinate);
      if (usage === undefined) continue;
      usage.count += count;
      if (usage.lastSeen === null || usage.lastSeen < lastSeen) usage.lastSeen = lastSeen;
      usage.clients.add(client);
    }
  return [...all.values()].map((usage) => ({ ...usage, clients: [...usage.clients].sort() }));
};
