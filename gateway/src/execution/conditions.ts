import {
  type DocumentNode,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  getDirectiveValues,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
  visit,
} from 'graphql';
import type { Data } from './data.ts';

/** Whether @skip and @include let a selection stand. @param variables with defaults filled in */
export const isIncluded = (selection: SelectionNode, variables: Readonly<Data>): boolean => {
  if (!selection.directives?.length) return true;
  const { if: skipped } = getDirectiveValues(GraphQLSkipDirective, selection, variables) ?? {};
  const { if: included } = getDirectiveValues(GraphQLIncludeDirective, selection, variables) ?? {};
  return skipped !== true && included !== false;
};

const isCondition = (name: string): boolean => name === 'skip' || name === 'include';

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

/** A document as it comes to where its conditions are decided: without what is left out, and without conditions. */
export const decided = (document: DocumentNode, variables: Readonly<Data>): DocumentNode => {
  const decide = (selection: SelectionNode): SelectionNode | null | undefined =>
    isIncluded(selection, variables) ? undefined : null;
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

/** Whether anything is asked for that a subgraph has to be asked for. */
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
