import { Kind, type SelectionNode } from 'graphql';
import { badInput } from './errors.ts';

/** Returns whether a directive is a condition. */
export const isCondition = (name: string): boolean => name === 'skip' || name === 'include';

const refuseNull = (variable: string): never => {
  throw badInput(variable, 'A condition cannot be null.');
};

/**
 * Returns whether @skip and @include keep a selection. @skip decides first, as in graphql-js.
 * @param variables with defaults applied
 * @param onNull called with the variable of a condition that is null: a variable with a default may be null, but `if`
 * may not. The condition then excludes nothing.
 * @throws RookeryError BAD_USER_INPUT if a condition is null, unless `onNull` is given
 */
export const isIncluded = (
  selection: SelectionNode,
  variables: Readonly<Record<string, unknown>>,
  onNull: (variable: string) => void = refuseNull,
): boolean =>
  selection.directives === undefined ||
  selection.directives.length === 0 ||
  (allows('skip', false, selection, variables, onNull) &&
    allows('include', true, selection, variables, onNull));

const allows = (
  name: string,
  keeps: boolean,
  { directives = [] }: SelectionNode,
  variables: Readonly<Record<string, unknown>>,
  onNull: (variable: string) => void,
): boolean => {
  const condition = directives.find((each) => each.name.value === name)?.arguments?.[0]?.value;
  if (condition === undefined) return true;
  if (condition.kind !== Kind.VARIABLE) return (condition.kind === Kind.BOOLEAN && condition.value) === keeps;
  const value = variables[condition.name.value];
  if (typeof value === 'boolean') return value === keeps;
  onNull(condition.name.value);
  return true;
};
