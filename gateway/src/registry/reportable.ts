import { Kind, print, visit } from 'graphql';
import type { Prepared } from '../pipeline/prepared.ts';
import { type InputVariables, inputCoordinates, inputVariablesOf } from './input-coordinates.ts';

const noInputs: ReadonlySet<string> = new Set();

/** Parts of a report that depend on the prepared operation alone, so that each is made once. */
class Reportable {
  readonly #inputs: InputVariables;
  readonly #prepared: Prepared;
  #document: string | undefined;

  constructor(prepared: Prepared) {
    this.#inputs = inputVariablesOf(prepared.graph.schema, prepared.operation);
    this.#prepared = prepared;
  }

  /** Its document without what its literals say, which is still valid. Nothing is printed before the first report. */
  get document(): string {
    this.#document ??= print(
      visit(this.#prepared.document, {
        StringValue: () => ({ kind: Kind.STRING, value: '' }),
        IntValue: () => ({ kind: Kind.INT, value: '0' }),
        FloatValue: () => ({ kind: Kind.FLOAT, value: '0' }),
      }),
    );
    return this.#document;
  }

  /** Returns the coordinates of the input fields and enum values that variables hold; never their values. */
  inputsOf(variables: Readonly<Record<string, unknown>> | undefined): ReadonlySet<string> {
    return this.#inputs.length === 0 ? noInputs : inputCoordinates(this.#inputs, variables);
  }
}

const known = new WeakMap<Prepared, Reportable>();

/** Returns what reports say of a prepared operation. */
export const reportableOf = (prepared: Prepared): Reportable => {
  let reportable = known.get(prepared);
  if (reportable === undefined) {
    reportable = new Reportable(prepared);
    known.set(prepared, reportable);
  }
  return reportable;
};
