import { createHash } from 'node:crypto';
import { forbidden, unauthenticated } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import { GraphQLError, getOperationAST, type OperationDefinitionNode } from 'graphql';
import type { Session } from '../auth/authenticate.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { OperationContext } from '../pipeline/context.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import { type Denied, filterDocument } from './filter.ts';
import type { FilteredForm, Permitted } from './permitted.ts';
import { restore } from './restore.ts';
import type { Requirement } from './rules.ts';

/** An operation, and who asks. */
export interface Asked {
  readonly prepared: Prepared;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Pick<OperationContext, 'session' | 'requestId'>;
}

/**
 * Returns an operation without the fields that demand a missing requirement.
 * @throws GraphQLError if the root field of a subscription is denied
 */
export const permittedPart = (asked: Asked, missing: readonly Requirement[], log: Logger): Permitted => {
  const { prepared, variables, context } = asked;
  const { permitted, document, operation, graph } = prepared;
  if (missing.length === 0) return permitted.whole;
  const { fieldRules: rules } = graph;
  const keys = new Set(missing.map(({ key }) => key));
  const denied: Denied = (type, field) => rules.of(type, field).some(({ key }) => keys.has(key));
  const signature = [...keys].join('\n');
  const form = permitted.filtered(signature, () => filteredForm(prepared, denied, signature));
  const whole = (answer: Record<string, unknown>) =>
    restore(answer, {
      ...{ schema: rules.schema, document, operation, variables, denied },
      typeKey: form.typeKey,
      refuse: (path) => refusal(context.session, path),
    });
  if (operation.operation === 'subscription') mustHaveRoot(operation, whole);
  return {
    document: form.document,
    operation: form.operation,
    hash: form.hash,
    plans: form.plans,
    restore: (answer) => {
      if (!answer.data) return answer;
      const { data, errors: refused } = whole(answer.data);
      if (refused.length === 0) return { ...answer, data };
      const { requestId } = context;
      const masked = maskAll(refused, { log, requestId });
      return { ...answer, errors: [...(answer.errors ?? []), ...masked], data };
    },
    recheck: undefined,
  };
};

const filteredForm = (
  { document, operation: { name }, hash, graph }: Prepared,
  denied: Denied,
  signature: string,
): FilteredForm => {
  const filtered = filterDocument(document, graph.fieldRules, denied);
  const operation = getOperationAST(filtered.document, name?.value);
  if (!operation) throw new Error('an operation was lost');
  return {
    ...filtered,
    operation,
    hash: createHash('sha256').update(hash).update(signature).digest('hex'),
    plans: graph.executor.plansOf(filtered.document, operation),
  };
};

const refusal = (session: Session | undefined, path: readonly (string | number)[]): GraphQLError => {
  const { message, extensions } = session ? forbidden('You may not have this.') : unauthenticated();
  return new GraphQLError(message, { path, extensions });
};

/** A subscription has one field at its root: without it there is nothing to subscribe to. */
const mustHaveRoot = (
  { selectionSet }: OperationDefinitionNode,
  whole: (answer: Record<string, unknown>) => { readonly errors: readonly GraphQLError[] },
): void => {
  if (selectionSet.selections.length === 0) return;
  // In an empty response only errors at the root matter.
  const [refused] = whole({}).errors;
  if (refused) throw refused;
};
