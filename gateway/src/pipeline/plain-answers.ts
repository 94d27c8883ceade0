import type { FetchNode } from '@apollo/query-planner';
import {
  type ExecutionResult,
  type PassThroughRules,
  parseExact,
  type Variant,
} from '@rookery/federation-executor';
import type { Logger } from '@rookery/runtime';
import type { Permitted } from '../permissions/permitted.ts';
import type { PlainData } from '../subgraphs/service.ts';

type Values = Readonly<Record<string, unknown>>;

interface PassedThrough {
  /** The fetch whose answer is handed to clients as it comes. Undefined: its answers are shaped like all others. */
  fetch: FetchNode | undefined;
  /** Answers so far. */
  answers: number;
}

/** One answer of so many is shaped as well and compared, beginning with the first. */
const checkedEvery = 1_000;

const opening = Buffer.from('{"data":{');
const lineFeed = 0x0a;

/** Decides which answers of subgraphs are handed to clients as they are, on one supergraph. */
export class PlainAnswers {
  readonly #rules: PassThroughRules;
  readonly #log: Logger;
  readonly #variants = new WeakMap<Variant, PassedThrough>();

  constructor(rules: PassThroughRules, log: Logger) {
    this.#rules = rules;
    this.#log = log;
  }

  /** Returns the only fetch of an operation, if its answer may be handed on as it is. */
  fetchOf(
    variant: Variant,
    { document, operation, restore }: Permitted,
    variables: Values,
  ): FetchNode | undefined {
    if (restore) return undefined;
    const known = this.#variants.get(variant);
    if (known) return known.fetch;
    const fetch = this.#rules.fetchOf({ document, operation, variables, variant });
    this.#variants.set(variant, { fetch, answers: 0 });
    return fetch;
  }

  /** Returns the bytes of a response; undefined if this answer has to be shaped. */
  take(variant: Variant, { bytes }: PlainData): Buffer | undefined {
    const known = this.#variants.get(variant);
    if (!known?.fetch || known.answers++ % checkedEvery === 0) return undefined;
    if (!bytes.subarray(0, opening.length).equals(opening)) return undefined;
    // Apollo Server ends its answers with a line feed.
    return bytes.at(-1) === lineFeed ? bytes.subarray(0, -1) : bytes;
  }

  /** Compares an answer with what has become of it. If they differ, answers to this operation are always shaped. */
  check(variant: Variant, { bytes }: PlainData, { data, errors }: ExecutionResult): void {
    const known = this.#variants.get(variant);
    if (!known?.fetch) return;
    if (errors.length === 0 && JSON.stringify(dataIn(bytes)) === JSON.stringify(data)) return;
    const { serviceName: subgraph, operationName: operation } = known.fetch;
    known.fetch = undefined;
    this.#log.warn(
      { subgraph, operation },
      'subgraph answered other than its operation selects; answers to this operation are shaped from now on',
    );
  }
}

const dataIn = (bytes: Buffer): unknown => (parseExact(bytes.toString()) as { readonly data: unknown }).data;
