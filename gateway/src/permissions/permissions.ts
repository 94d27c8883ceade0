import { createHash } from 'node:crypto';
import { forbidden, unauthenticated } from '@rookery/graphql-server';
import type { Logger } from '@rookery/runtime';
import {
  type DocumentNode,
  GraphQLError,
  getOperationAST,
  isCompositeType,
  type OperationDefinitionNode,
  TypeInfo,
  visit,
  visitWithTypeInfo,
} from 'graphql';
import type { Session } from '../auth/authenticate.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { OperationContext } from '../pipeline/context.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { FieldRules } from './field-rules.ts';
import { type Denied, filterDocument } from './filter.ts';
import { cachedPolicies, isGranted, type Policies, policiesOfToken } from './grants.ts';
import type { FilteredForm, Permitted } from './permitted.ts';
import { restore } from './restore.ts';
import type { Requirement } from './rules.ts';

export interface PermissionsOptions {
  readonly policies: Policies;
  readonly log: Logger;
}

/** An operation, and who asks. */
interface Asked {
  readonly prepared: Prepared;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
  readonly context: Pick<OperationContext, 'session' | 'requestId'>;
}

/**
 * Enforces @authenticated, @requiresScopes and @policy: what the client may not have is taken out of the operation
 * before it is planned, so that no subgraph ever sees it, and is put into the answer as null with an error.
 */
export class Permissions {
  readonly #options: PermissionsOptions;
  /** The policies, with decisions that are remembered for a while. */
  readonly #live: Policies;

  constructor(options: PermissionsOptions) {
    this.#options = options;
    this.#live = cachedPolicies(options.policies);
  }

  /**
   * Returns what is permitted of an operation.
   * @param variables coerced
   * @throws GraphQLError if the root field of a subscription is denied
   */
  permit(
    prepared: Prepared,
    variables: Readonly<Record<string, unknown>>,
    { session, requestId }: OperationContext,
  ): Permitted {
    const { graph, permitted, operation } = prepared;
    const { fieldRules: rules } = graph;
    if (rules.isEmpty) return permitted.whole;
    const all = permitted.requirements(() => requirementsIn(prepared.document, rules));
    const missing = all.filter((each) => !isGranted(each, session, this.#options.policies));
    const asked: Asked = { prepared, variables, context: { session, requestId } };
    const part = this.#permit(asked, missing);
    if (operation.operation !== 'subscription') return part;
    const recheck = this.#rechecking(asked, all, new Set(missing));
    return recheck ? { ...part, recheck } : part;
  }

  /** @throws GraphQLError if the root field of a subscription is denied */
  #permit(asked: Asked, missing: readonly Requirement[]): Permitted {
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
        const masked = maskAll(refused, { log: this.#options.log, requestId });
        return { ...answer, errors: [...(answer.errors ?? []), ...masked], data };
      },
      recheck: undefined,
    };
  }

  /**
   * Checks policies again during a subscription. A token does not change, but the decision of a policy may.
   * Fields that were denied at the start stay denied, since they are not fetched.
   */
  #rechecking(
    asked: Asked,
    all: readonly Requirement[],
    atStart: ReadonlySet<Requirement>,
  ): (() => Permitted) | undefined {
    const { session } = asked.context;
    const changing = all.filter((each) => each.kind === 'policy' && !atStart.has(each));
    if (changing.length === 0 || this.#options.policies === policiesOfToken) return undefined;
    const made = new Map<string, Permitted>();
    return () => {
      const missing = changing.filter((each) => !isGranted(each, session, this.#live));
      const signature = missing.map(({ key }) => key).join('\n');
      const permitted = made.get(signature) ?? this.#permit(asked, [...atStart, ...missing]);
      made.set(signature, permitted);
      return permitted;
    };
  }
}

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

/** Everything that any field in the document demands, of any type that its parent can turn out to be. */
const requirementsIn = (document: DocumentNode, rules: FieldRules): Requirement[] => {
  const found = new Map<string, Requirement>();
  const types = new TypeInfo(rules.schema);
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ name }) => {
        const parent = types.getParentType();
        if (!isCompositeType(parent)) return;
        for (const type of rules.possible(parent))
          for (const each of rules.of(type, name.value)) found.set(each.key, each);
      },
    }),
  );
  return [...found.values()];
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
