import { createHash } from 'node:crypto';
import {
  type DirectiveNode,
  type DocumentNode,
  type FieldNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  valueFromASTUntyped,
} from 'graphql';
import type { FieldRate, FieldRates } from './rules.ts';
import type { Charge } from './token-bucket.ts';

type Variables = Readonly<Record<string, unknown>>;

export interface FieldChargesOptions {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly variables: Variables;
  readonly schema: GraphQLSchema;
  readonly rates: FieldRates;
  /** Whose buckets `viewer` and `address` are. */
  readonly viewer: string;
  readonly address: string;
}

/** Fields are looked for as deep as documents may be, and no deeper: one fragment in another has no end otherwise. */
const deepest = 50;

/**
 * What an operation takes out of the buckets of its fields: each time that one is asked for, under whatever alias.
 * Through an interface or a union it is asked for from every type that may turn up, which only the answer tells.
 */
export const fieldCharges = (options: FieldChargesOptions): Charge[] => {
  const { document, operation, variables, schema, rates } = options;
  if (rates.size === 0) return [];
  const charges = new Map<string, Charge>();
  const add = (type: GraphQLNamedType | undefined, node: FieldNode) => {
    const found = objectTypes(type, schema).flatMap(
      ({ name }) => rates.get(`${name}.${node.name.value}`) ?? [],
    );
    for (const each of new Set(found)) {
      const key = `field:${each.at}:${each.window}:${whose(each, node, options)}`;
      const cost = (charges.get(key)?.cost ?? 0) + 1;
      charges.set(key, { key, limit: each.limit, window: each.window, cost });
    }
  };
  const walk = ({ selections }: SelectionSetNode, type: string, depth: number): void => {
    if (depth > deepest) return;
    for (const selection of selections) {
      if (leftOut(selection.directives, variables)) continue;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        for (const each of document.definitions)
          if (each.kind === Kind.FRAGMENT_DEFINITION && each.name.value === selection.name.value)
            walk(each.selectionSet, each.typeCondition.name.value, depth + 1);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, selection.typeCondition?.name.value ?? type, depth + 1);
      } else {
        const parent = schema.getType(type);
        add(parent, selection);
        const field =
          parent !== undefined && 'getFields' in parent
            ? parent.getFields()[selection.name.value]
            : undefined;
        if (field && selection.selectionSet)
          walk(selection.selectionSet, getNamedType(field.type).name, depth + 1);
      }
    }
  };
  const root = schema.getRootType(operation.operation);
  if (root) walk(operation.selectionSet, root.name, 0);
  return [...charges.values()];
};

/** Object types that something of this type can be. */
const objectTypes = (type: GraphQLNamedType | undefined, schema: GraphQLSchema) => {
  if (isObjectType(type)) return [type];
  return isAbstractType(type) ? schema.getPossibleTypes(type) : [];
};

const whose = (
  { key }: FieldRate,
  node: FieldNode,
  { viewer, address, variables }: FieldChargesOptions,
): string => {
  if (key === 'viewer') return viewer;
  if (key === 'address') return address;
  const [name, ...path] = key.split('.');
  const given = node.arguments?.find((argument) => argument.name.value === name);
  const value = path.reduce<unknown>(
    (inside, step) =>
      typeof inside === 'object' && inside !== null ? (inside as Record<string, unknown>)[step] : undefined,
    given && valueFromASTUntyped(given.value, variables),
  );
  // One thing has one bucket however it is written; and what was written is nobody's business in Redis.
  const folded = String(value ?? '')
    .normalize('NFKC')
    .toLowerCase();
  return createHash('sha256').update(folded).digest('base64url');
};

const leftOut = (directives: readonly DirectiveNode[] = [], variables: Variables): boolean =>
  directives.some(({ name, arguments: [condition] = [] }) => {
    if (condition === undefined || (name.value !== 'skip' && name.value !== 'include')) return false;
    return valueFromASTUntyped(condition.value, variables) === (name.value === 'skip');
  });
