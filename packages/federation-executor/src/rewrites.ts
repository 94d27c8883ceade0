import type { FetchDataRewrite } from '@apollo/query-planner';
import { type GraphQLSchema, isAbstractType, isInterfaceType, isObjectType } from 'graphql';
import { type Data, isData } from './data.ts';

const fragment = '... on ';

/**
 * Changes what goes to a subgraph, or comes from it, as the plan says: another type name, or a field that had to be
 * asked for under a name of the planner's. The deepest come last in a plan and are done first: they are found by
 * the names that are above them until then.
 */
export const rewrite = (
  schema: GraphQLSchema,
  rewrites: readonly FetchDataRewrite[] | undefined,
  value: unknown,
): void => {
  for (const each of rewrites?.toReversed() ?? []) at(schema, each, each.path, value);
};

const at = (schema: GraphQLSchema, each: FetchDataRewrite, path: readonly string[], value: unknown): void => {
  if (Array.isArray(value)) {
    for (const item of value) at(schema, each, path, item);
    return;
  }
  if (!isData(value)) return;
  const [step = '', ...below] = path;
  const object = value;
  if (step.startsWith(fragment)) {
    if (isOfType(schema, object, step.slice(fragment.length), true)) at(schema, each, below, object);
  } else if (below.length > 0) {
    if (Object.hasOwn(object, step)) at(schema, each, below, object[step]);
  } else apply(each, object, step);
};

const apply = (each: FetchDataRewrite, object: Data, name: string): void => {
  if (each.kind === 'ValueSetter') {
    object[name] = each.setValueTo;
    return;
  }
  // Applies to null, false, 0 and empty texts as well.
  if (!Object.hasOwn(object, name)) return;
  object[each.renameKeyTo] = object[name];
  delete object[name];
};

/** Returns whether an object is of the type; `unknown` if it has no type name. */
export const isOfType = (
  schema: GraphQLSchema,
  { __typename: name }: Data,
  condition: string,
  unknown = false,
): boolean => {
  if (!name) return unknown;
  if (name === condition) return true;
  const [type, wanted] = [schema.getType(String(name)), schema.getType(condition)];
  return (
    isAbstractType(wanted) && (isObjectType(type) || isInterfaceType(type)) && schema.isSubType(wanted, type)
  );
};
