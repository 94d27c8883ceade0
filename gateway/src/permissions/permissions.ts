import type { Logger } from '@rookery/runtime';
import { type DocumentNode, isCompositeType, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import type { Session } from '../auth/authenticate.ts';
import type { OperationContext } from '../pipeline/context.ts';
import type { Prepared } from '../pipeline/prepared.ts';
import type { FieldRules } from './field-rules.ts';
import { cachedPolicies, isGranted, type Policies, policiesOfToken } from './grants.ts';
import type { Permitted } from './permitted.ts';
import { type Asked, permittedPart } from './permitted-part.ts';
import type { Requirement } from './rules.ts';

export interface PermissionsOptions {
  readonly policies: Policies;
  readonly log: Logger;
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
    const missing = missingOf(all, session, this.#options.policies);
    const asked: Asked = { prepared, variables, context: { session, requestId } };
    const part = permittedPart(asked, missing, this.#options.log);
    if (operation.operation !== 'subscription') return part;
    const recheck = this.#rechecking(asked, all, new Set(missing));
    return recheck ? { ...part, recheck } : part;
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
      const missing = missingOf(changing, session, this.#live);
      const signature = missing.map(({ key }) => key).join('\n');
      const permitted =
        made.get(signature) ?? permittedPart(asked, [...atStart, ...missing], this.#options.log);
      made.set(signature, permitted);
      return permitted;
    };
  }
}

/** Returns the requirements that a session does not meet. */
const missingOf = (
  requirements: readonly Requirement[],
  session: Session | undefined,
  policies: Policies,
): readonly Requirement[] => requirements.filter((each) => !isGranted(each, session, policies));

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
