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
import { LRUCache } from 'lru-cache';
import type { Session } from '../auth/authenticate.ts';
import { maskAll } from '../errors/mask-errors.ts';
import type { OperationCheck, ValidOperation } from '../pipeline/operation.ts';
import { coercedVariables } from '../pipeline/variables.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import type { FieldRules } from './field-rules.ts';
import { type Denied, type Filtered, filterDocument } from './filter.ts';
import { cachedPolicies, isGranted, type Policies, policiesOfToken } from './grants.ts';
import type { Permitted } from './permitted.ts';
import { restore } from './restore.ts';
import type { Requirement } from './rules.ts';

/** Cached analysis of a document: the requirements of its fields, and its filtered forms. */
interface CachedAnalysis {
  readonly requirements: readonly Requirement[];
  /** By the keys of the requirements that are not met. */
  readonly filtered: Map<string, FilteredDocument>;
}

type FilteredDocument = Filtered & { readonly hash: string };

export interface PermissionsOptions {
  readonly supergraph: Supergraph;
  readonly policies: Policies;
  readonly log: Logger;
}

/** An operation as it was sent. */
type Asked = Pick<ValidOperation, 'document' | 'operation' | 'queryHash' | 'request' | 'contextValue'>;

/** Maximum number of cached filtered forms of one document; more exist only if viewers differ in many ways. */
const maxFilteredForms = 100;

/**
 * Enforces @authenticated, @requiresScopes and @policy: what who asks may not have is taken out of the operation
 * before it is planned, so that no subgraph ever sees it, and is put into the answer as null with an error.
 */
export const checkPermissions = (options: PermissionsOptions): OperationCheck => {
  const check = new PermissionCheck(options);
  return (request) => check.apply(request);
};

class PermissionCheck {
  readonly #options: PermissionsOptions;
  /** The policies, with decisions that are remembered for a while. */
  readonly #live: Policies;
  readonly #byRules = new WeakMap<FieldRules, LRUCache<string, CachedAnalysis>>();

  constructor(options: PermissionsOptions) {
    this.#options = options;
    this.#live = cachedPolicies(options.policies);
  }

  /** @throws GraphQLError if the root field of a subscription is denied */
  apply(request: ValidOperation): void {
    const { supergraph, policies } = this.#options;
    const { fieldRules: rules } = supergraph.graphOf(request.schema);
    if (rules.isEmpty) return;
    const { session, subscription, answer } = request.contextValue;
    const known = this.#analysisOf(rules, request);
    const missing = known.requirements.filter((each) => !isGranted(each, session, policies));
    if (request.operation.operation === 'subscription' && subscription !== undefined)
      subscription.recheck = this.#rechecking(asSent(request), rules, known, new Set(missing));
    if (missing.length === 0) return;
    const permitted = this.#permit(request, rules, known, missing);
    answer.restore = permitted.restore;
    replace(request, permitted);
  }

  #analysisOf(rules: FieldRules, { queryHash, document }: ValidOperation): CachedAnalysis {
    const documents = this.#byRules.get(rules) ?? new LRUCache<string, CachedAnalysis>({ max: 2_000 });
    this.#byRules.set(rules, documents);
    const found = documents.get(queryHash);
    if (found) return found;
    const known = { requirements: requirementsIn(document, rules), filtered: new Map() };
    documents.set(queryHash, known);
    return known;
  }

  /** @throws GraphQLError if the root field of a subscription is denied */
  #permit(
    request: Asked,
    rules: FieldRules,
    known: CachedAnalysis,
    missing: readonly Requirement[],
  ): Permitted {
    const { queryHash, document, operation, contextValue } = request;
    if (missing.length === 0) return { document, operation, queryHash, restore: undefined };
    const keys = new Set(missing.map(({ key }) => key));
    const denied: Denied = (type, field) => rules.of(type, field).some(({ key }) => keys.has(key));
    const filtered = filteredOf(request, rules, known, denied, [...keys].join('\n'));
    const { session } = contextValue;
    const { variables } = request.request;
    const whole = (answer: Record<string, unknown>) =>
      restore(answer, {
        schema: rules.schema,
        document,
        operation,
        variables: coercedVariables(rules.schema, operation, variables) ?? {},
        denied,
        typeKey: filtered.typeKey,
        refuse: (path) => refusal(session, path),
      });
    if (operation.operation === 'subscription') mustHaveRoot(operation, whole);
    const left = getOperationAST(filtered.document, operation.name?.value);
    if (!left) throw new Error('an operation was lost');
    return {
      document: filtered.document,
      operation: left,
      queryHash: filtered.hash,
      restore: (answer) => {
        if (!answer.data) return;
        const { data, errors } = whole(answer.data);
        answer.data = data;
        if (errors.length > 0)
          answer.errors = [...(answer.errors ?? []), ...maskAll(errors, this.#options.log)];
      },
    };
  }

  /**
   * Checks policies again during a subscription. A token does not change, but the decision of a policy may.
   * Fields that were denied at the start stay denied, since they are not fetched.
   */
  #rechecking(
    request: Asked,
    rules: FieldRules,
    known: CachedAnalysis,
    atStart: ReadonlySet<Requirement>,
  ): (() => Permitted) | undefined {
    const { session } = request.contextValue;
    const changing = known.requirements.filter((each) => each.kind === 'policy' && !atStart.has(each));
    if (changing.length === 0 || this.#options.policies === policiesOfToken) return undefined;
    const made = new Map<string, Permitted>();
    return () => {
      const missing = changing.filter((each) => !isGranted(each, session, this.#live));
      const signature = missing.map(({ key }) => key).join('\n');
      const permitted = made.get(signature) ?? this.#permit(request, rules, known, [...atStart, ...missing]);
      made.set(signature, permitted);
      return permitted;
    };
  }
}

/** Returns the document without the denied fields, from the cache if it was filtered for the same reasons before. */
const filteredOf = (
  { document, queryHash }: Asked,
  rules: FieldRules,
  known: CachedAnalysis,
  denied: Denied,
  signature: string,
): FilteredDocument => {
  const found = known.filtered.get(signature);
  if (found) return found;
  const hash = createHash('sha256').update(queryHash).update(signature).digest('hex');
  const filtered = { ...filterDocument(document, rules, denied), hash };
  if (known.filtered.size >= maxFilteredForms) known.filtered.clear();
  known.filtered.set(signature, filtered);
  return filtered;
};

/** The request changes on its way; this does not. */
const asSent = ({ document, operation, queryHash, request, contextValue }: ValidOperation): Asked => ({
  document,
  operation,
  queryHash,
  request,
  contextValue,
});

/** From here on the pipeline works on what is left of the operation. */
const replace = (request: ValidOperation, { document, operation, queryHash }: Permitted): void => {
  const changed: { document: DocumentNode; operation: OperationDefinitionNode; queryHash: string } = request;
  changed.document = document;
  changed.operation = operation;
  changed.queryHash = queryHash;
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
