import type { OperationCheck } from '../pipeline/operation.ts';
import { coercedVariables } from '../pipeline/variables.ts';
import type { Supergraph } from '../supergraph/supergraph.ts';
import { tooMuch } from './document.ts';
import { KnownCosts } from './known-costs.ts';
import type { OperationLimits } from './limits.ts';

/** Notes what an operation costs, and refuses it if that is too much: before it is planned. */
export const checkCost = (supergraph: Supergraph, limits: OperationLimits): OperationCheck => {
  const known = new KnownCosts();
  return ({ document, operation, request, schema: validatedOn, contextValue: { record } }) => {
    const { schema, costRules: rules } = supergraph.graphOf(validatedOn);
    const variables = coercedVariables(schema, operation, request.variables);
    // Execution reports which variable does not fit.
    if (variables === undefined) return;
    record.cost = known.of(document, operation, variables, { schema, rules, limits });
    if (record.cost > limits.cost)
      throw tooMuch(`The operation costs ${record.cost}: the most is ${limits.cost}.`);
  };
};
