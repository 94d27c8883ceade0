import type pg from 'pg';

/** Number of consecutive appends from which their statement is planned once. */
const inRow = 2;

/**
 * Chooses whether Postgres plans the statements of the writer's connection for their parameters. Left to itself, it compares
 * the costs of both plans and plans each small append again, which takes longer than to run it. But without its parameters a
 * statement that reads events by position would be planned to read, and would lock, every partition. So appends are planned once,
 * and everything else for its parameters. A writer that reads after each append, as with two stores, does not switch.
 */
export class PlanMode {
  readonly #client: Pick<pg.Client, 'query'>;
  #appends = 0;

  constructor(client: Pick<pg.Client, 'query'>) {
    this.#client = client;
  }

  /** To be called before each append. */
  async beforeAppend(): Promise<void> {
    this.#appends += 1;
    if (this.#appends === inRow) await this.#client.query('set plan_cache_mode = force_generic_plan');
  }

  /** To be called before anything else that has parameters. */
  async beforeOther(): Promise<void> {
    if (this.#appends >= inRow) await this.#client.query('reset plan_cache_mode');
    this.#appends = 0;
  }
}
