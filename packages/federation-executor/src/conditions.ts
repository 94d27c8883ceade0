import { isCondition, isIncluded } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Data } from './data.ts';

/** Evaluates conditions during planning: skipped selections are not fetched. */
const isPlanned = (selection: SelectionNode, variables: Readonly<Data>): boolean => {
  try {
    return isIncluded(selection, variables);
  } catch {
    return false;
  }
};

/**
 * Checks the conditions of the root selections: nothing is executed if one is null.
 * @throws RookeryError BAD_USER_INPUT
 */
export const checkRoot = (
  { selections }: SelectionSetNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
  variables: Readonly<Data>,
): void => {
  for (const selection of selections) {
    if (!isIncluded(selection, variables) || selection.kind === Kind.FIELD) continue;
    const fragment = selection.kind === Kind.INLINE_FRAGMENT ? selection : fragments[selection.name.value];
    if (fragment) checkRoot(fragment.selectionSet, fragments, variables);
  }
};

/** Variables that @skip and @include look at. */
export const conditionsIn = (document: DocumentNode): readonly string[] => {
  const conditions = new Set<string>();
  visit(document, {
    Directive: ({ name, arguments: given = [] }) => {
      if (!isCondition(name.value)) return;
      for (const { value } of given) if (value.kind === Kind.VARIABLE) conditions.add(value.name.value);
    },
  });
  return [...conditions];
};

/** Returns the document with its conditions applied: without skipped selections and without conditions. */
export const decided = (document: DocumentNode, variables: Readonly<Data>): DocumentNode => {
  const decide = (selection: SelectionNode): SelectionNode | null | undefined =>
    isPlanned(selection, variables) ? undefined : null;
  return visit(document, {
    Field: decide,
    InlineFragment: decide,
    FragmentSpread: decide,
    Directive: ({ name }) => (isCondition(name.value) ? null : undefined),
    SelectionSet: { leave: neverEmpty },
  });
};

/** Selection sets have to have something in them: for a visitor that takes things out. */
export const neverEmpty = (set: SelectionSetNode): SelectionSetNode | undefined =>
  set.selections.length === 0
    ? { ...set, selections: [{ kind: Kind.FIELD, name: { kind: Kind.NAME, value: '__typename' } }] }
    : undefined;

/** Returns whether the selections need data of a subgraph. */
export const asksForData = ({ selections }: SelectionSetNode, document: DocumentNode): boolean =>
  selections.some((selection) => {
    if (selection.kind === Kind.FIELD) return !selection.name.value.startsWith('__');
    if (selection.kind === Kind.INLINE_FRAGMENT) return asksForData(selection.selectionSet, document);
    const { value } = selection.name;
    return document.definitions.some(
      (each) =>
        each.kind === Kind.FRAGMENT_DEFINITION &&
        each.name.value === value &&
        asksForData(each.selectionSet, document),
    );
  });
