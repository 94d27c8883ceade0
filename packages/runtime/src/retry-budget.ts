export interface RetryBudgetOptions {
  /** Amount that each call adds to the budget, of which a retry takes 1. Default 0.1. */
  readonly ratio?: number;
  /** Maximum and initial budget. Default 10. */
  readonly burst?: number;
}

/**
 * Limits retries as a whole, so that they cannot become a storm that keeps a target down: at most `burst`,
 * and over time `ratio` of the calls (token bucket of gRPC retry throttling, gRFC A6).
 */
export class RetryBudget {
  readonly #ratio: number;
  readonly #burst: number;
  #tokens: number;

  constructor({ ratio = 0.1, burst = 10 }: RetryBudgetOptions) {
    this.#ratio = ratio;
    this.#burst = burst;
    this.#tokens = burst;
  }

  deposit(): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + this.#ratio);
  }

  take(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
