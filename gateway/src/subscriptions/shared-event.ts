import type { UpstreamEvent } from './upstream.ts';

/** Time for which a response is reused by others with the same event, in milliseconds, since rules may change. */
const freshForMs = 1_000;

/** JSON text of a response; a promise if it needs more than the event. */
export type AnswerText = string | Promise<string>;

interface Answer {
  readonly at: number;
  readonly text: AnswerText;
}

/** One event on its way to all who share its upstream; equal responses to it are executed and serialized once. */
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
   * @param execute may write into the event only if nobody else gets it
   */
  answer(key: string, execute: (event: UpstreamEvent, alone: boolean) => AnswerText): AnswerText {
    if (this.#alone) return execute(this.#event, true);
    const now = performance.now();
    const known = this.#answers.get(key);
    if (known && now - known.at < freshForMs) return known.text;
    const text = execute(this.#event, false);
    this.#answers.set(key, { at: now, text });
    return text;
  }
}
