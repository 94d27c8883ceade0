import { isCondition } from '@rookery/graphql-server';
import {
  type DocumentNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  OperationTypeNode,
  type SelectionSetNode,
} from 'graphql';

/**
 * Refuses @skip and @include on what a subscription selects of its root, because which field it has, and so which stream
 * it opens, must not depend on variables (GraphQL of September 2025, section 5.2.4.1). Validation by graphql-js 16 breaks
 * off with an exception there, so this comes before it.
 * @throws GraphQLError GRAPHQL_VALIDATION_FAILED
 */
export const checkSubscriptionRoots = ({ definitions }: DocumentNode): void => {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const each of definitions)
    if (each.kind === Kind.FRAGMENT_DEFINITION) fragments.set(each.name.value, each);
  const check = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      const condition = selection.directives?.find(({ name }) => isCondition(name.value));
      if (condition)
        throw new GraphQLError(`@${condition.name.value} is not allowed at the root of a subscription.`, {
          nodes: condition,
          extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
        });
      if (selection.kind === Kind.INLINE_FRAGMENT) check(selection.selectionSet);
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD && fragments.get(selection.name.value);
      if (!fragment) continue;
      // Once each, however often they are spread.
      fragments.delete(selection.name.value);
      check(fragment.selectionSet);
    }
  };
  for (const each of definitions)
    if (each.kind === Kind.OPERATION_DEFINITION && each.operation === OperationTypeNode.SUBSCRIPTION)
      check(each.selectionSet);
};
