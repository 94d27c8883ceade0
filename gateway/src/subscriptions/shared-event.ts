import type { FormattedExecutionResult } from 'graphql';
import type { UpstreamEvent } from './upstream.ts';

/** How long an answer stands for others who come to the same event later, in milliseconds: rules may change. */
const freshFor = 1_000;

interface Answer {
  readonly at: number;
  readonly text: Promise<string>;
}

/** One event on its way to all who share its upstream; those who ask alike of it get one answer. */
export class SharedEvent {
  readonly #event: UpstreamEvent;
  readonly #alone: boolean;
  readonly #answers = new Map<string, Answer>();

  /** @param alone nobody else gets it */
  constructor(event: UpstreamEvent, alone: boolean) {
    this.#event = event;
    this.#alone = alone;
  }

  /**
   * @param key equal where the answer is: the same operation and variables, on the same graph, with the same rights
   * @returns the answer as JSON: executed and written once for all who ask alike
   */
  answer(key: string, execute: (event: UpstreamEvent) => Promise<FormattedExecutionResult>): Promise<string> {
    if (this.#alone) return inJson(execute(this.#event));
    const now = performance.now();
    const known = this.#answers.get(key);
    if (known && now - known.at < freshFor) return known.text;
    // Execution writes into the event that it is given.
    const text = inJson(execute(structuredClone(this.#event)));
    this.#answers.set(key, { at: now, text });
    return text;
  }
}

const inJson = async (result: Promise<FormattedExecutionResult>): Promise<string> =>
  JSON.stringify(await result);
