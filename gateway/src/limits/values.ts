import { badInput } from '@rookery/graphql-server';
import { type DocumentNode, Kind, type ValueNode, visit } from 'graphql';
import { isRecord } from '../pipeline/is-record.ts';
import { tooMuch } from './document.ts';
import type { OperationLimits } from './limits.ts';

type ValueLimits = Pick<OperationLimits, 'valueDepth' | 'literalListDepth'>;

const tooDeep = (field: string, most: number) =>
  badInput(field, `Lists and objects may be nested ${most} deep at most.`);
const notFinite = (field: string) => badInput(field, 'A number must be finite.');

/**
 * Refuses values of variables that nobody could hand on: deeper than the stack allows, or with numbers that JSON does not have
 * (`1e400` is read as infinity, and would be sent as null).
 * @param names those that the operation defines; nobody reads others
 * @throws RookeryError BAD_USER_INPUT
 */
export const checkVariableValues = (
  variables: Readonly<Record<string, unknown>>,
  names: readonly string[],
  { valueDepth }: ValueLimits,
): void => {
  for (const name of names) {
    const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
    let level: unknown[] = [value];
    for (let depth = 0; level.length > 0; depth++) {
      if (depth > valueDepth) throw tooDeep(name, valueDepth);
      level = valuesBelow(level, name);
    }
  }
};

/** Returns the values inside lists and objects of one level. */
const valuesBelow = (level: readonly unknown[], name: string): unknown[] => {
  const below: unknown[] = [];
  for (const each of level) {
    if (typeof each === 'number' && !Number.isFinite(each)) throw notFinite(name);
    if (!Array.isArray(each) && !isRecord(each)) continue;
    // Not spread into `push`, whose arguments are on the stack.
    for (const inner of Object.values(each)) below.push(inner);
  }
  return below;
};

/**
 * Refuses literals that are nested too deeply, or are numbers beyond all bounds. Takes linear time.
 * @throws RookeryError BAD_USER_INPUT; GRAPHQL_VALIDATION_FAILED for lists within lists
 */
export const checkLiterals = (
  document: DocumentNode,
  { valueDepth, literalListDepth }: ValueLimits,
): void => {
  let depth = 0;
  let lists = 0;
  const names: string[] = [];
  const field = (): string => names.at(-1) ?? 'value';
  const enter = (node: ValueNode) => {
    if (++depth > valueDepth) throw tooDeep(field(), valueDepth);
    // Apollo's planner takes twice as long for each of them (collectVariablesInValue).
    if (node.kind === Kind.LIST && ++lists > literalListDepth)
      throw tooMuch(`Lists may be nested ${literalListDepth} deep at most; send a variable instead.`);
  };
  const leave = (node: ValueNode) => {
    depth--;
    if (node.kind === Kind.LIST) lists--;
  };
  visit(document, {
    Argument: { enter: ({ name }) => void names.push(name.value), leave: () => void names.pop() },
    ObjectField: { enter: ({ name }) => void names.push(name.value), leave: () => void names.pop() },
    ListValue: { enter, leave },
    ObjectValue: { enter, leave },
    FloatValue: ({ value }) => {
      if (!Number.isFinite(Number(value))) throw notFinite(field());
    },
  });
};
