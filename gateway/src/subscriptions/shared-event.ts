import type { FormattedExecutionResult } from 'graphql';
import type { UpstreamEvent } from './upstream.ts';

/** Time for which a response is reused by others with the same event, in milliseconds, since rules may change. */
const freshForMs = 1_000;

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
   * @param key equal for equal responses: same operation, variables, graph and rights
   * @returns the response as JSON, executed and serialized once
   */
  answer(key: string, execute: (event: UpstreamEvent) => Promise<FormattedExecutionResult>): Promise<string> {
    if (this.#alone) return inJson(execute(this.#event));
    const now = performance.now();
    const known = this.#answers.get(key);
    if (known && now - known.at < freshForMs) return known.text;
    // Execution writes into the event that it is given.
    const text = inJson(execute(structuredClone(this.#event)));
    this.#answers.set(key, { at: now, text });
    return text;
  }
}

const inJson = async (result: Promise<FormattedExecutionResult>): Promise<string> =>
  JSON.stringify(await result);
