import {
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { documentUses } from './document-uses.ts';
import type { LiveOperation } from './live-operations.ts';

/** Traffic of one element of the schema. */
export interface CoordinateUsage {
  readonly coordinate: string;
  /** Null unless it is deprecated. */
  readonly deprecationReason: string | null;
  readonly operations: readonly LiveOperation[];
  /** Requests of these operations. */
  readonly count: number;
}

interface Member {
  readonly coordinate: string;
  readonly deprecationReason: string | null;
}

const membersOf = (type: GraphQLNamedType): Member[] => {
  const member = (coordinate: string, reason: string | null | undefined): Member => ({
    coordinate,
    deprecationReason: reason ?? null,
  });
  if (isEnumType(type))
    return type.getValues().map((value) => member(`${type.name}.${value.name}`, value.deprecationReason));
  if (isInputObjectType(type))
    return Object.values(type.getFields()).map((field) =>
      member(`${type.name}.${field.name}`, field.deprecationReason),
    );
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((field) => [
    member(`${type.name}.${field.name}`, field.deprecationReason),
    ...field.args.map((argument) =>
      member(`${type.name}.${field.name}(${argument.name}:)`, argument.deprecationReason),
    ),
  ]);
};

/** Returns the coordinates that an operation uses, or that its variables and results may hold. */
const usedBy = (schema: GraphQLSchema, live: LiveOperation): Set<string> => {
  const { fields, literals, outputs, variables } = documentUses(schema, live);
  const returned = [...outputs.keys()].flatMap((name) => {
    const type = schema.getType(name);
    return isEnumType(type) ? type.getValues().map((value) => `${name}.${value.name}`) : [];
  });
  const held = [...variables.keys()].filter(
    (coordinate) => live.inputs === undefined || live.inputs.has(coordinate),
  );
  return new Set([...fields.keys(), ...literals.keys(), ...returned, ...held]);
};

/**
 * Returns every field, argument, input field and enum value with the operations that use it, in schema order. The
 * rest of an operation counts if the schema lacks a part of it.
 */
export const coordinateUsage = (
  schema: GraphQLSchema,
  operations: readonly LiveOperation[],
): CoordinateUsage[] => {
  const users = new Map<string, LiveOperation[]>();
  for (const live of operations) {
    for (const coordinate of usedBy(schema, live)) {
      const known = users.get(coordinate);
      if (known === undefined) users.set(coordinate, [live]);
      else known.push(live);
    }
  }
  return Object.values(schema.getTypeMap())
    .filter((type) => !isIntrospectionType(type))
    .flatMap(membersOf)
    .map((member) => {
      const found = users.get(member.coordinate) ?? [];
      return { ...member, operations: found, count: found.reduce((sum, { count }) => sum + count, 0) };
    });
};

export type { OperationUsage } from '../../model/usage.ts';
export { liveOperations } from './live-operations.ts';
export { type DocumentProblem, type ReadDocument, readDocuments } from './read-documents.ts';
