import { InFlight } from '../subgraphs/in-flight.ts';
import type { Executed } from './execute.ts';

/**
 * Executions of queries that are under way. A query that is asked again meanwhile, by the same client or another one who
 * must get the same answer, waits for that execution. It takes no answer with an error: that may be about the time,
 * the places or the id of the other request.
 */
export class SingleFlight {
  readonly #running = new InFlight<Executed>();
  readonly #onJoin: () => void;

  /** @param onJoin called for each query that takes the result of another one */
  constructor(onJoin: () => void = () => {}) {
    this.#onJoin = onJoin;
  }

  /** @param key equal for executions that must have equal results */
  async run(key: string, execute: () => Promise<Executed>): Promise<Executed> {
    const running = this.#running.join(key);
    if (running === undefined) return this.#running.run(key, execute());
    const result = await running.catch(() => undefined);
    if (result === undefined || result.errors.length > 0) return execute();
    this.#onJoin();
    return result;
  }
}
