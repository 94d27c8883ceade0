export interface RetryBudgetOptions {
  /** What a call adds to the budget from which each retry takes 1. Default 0.1. */
  readonly ratio?: number;
  /** What the budget holds at most, and at the start. Default 10. */
  readonly burst?: number;
}

/**
 * What retries may cost in all, so that they can't become the storm that keeps a target down: at most `burst`,
 * and over time `ratio` of the calls (the token bucket of gRPC's retry throttling, gRFC A6).
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
