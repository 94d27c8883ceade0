/** Remembers what was verified, by the text of the token, until the token is no longer valid. */
export class VerifiedTokens<T extends { readonly validUntil: number }> {
  readonly #max: number;
  readonly #known = new Map<string, T>();

  /** @param max tokens that are remembered; the oldest are forgotten first */
  constructor(max: number) {
    this.#max = max;
  }

  remember(token: string, verified: T): void {
    if (this.#known.size >= this.#max) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(token, verified);
  }

  /** Returns what is remembered of a token that is still valid. */
  recall(token: string): T | undefined {
    const known = this.#known.get(token);
    if (known === undefined || Date.now() < known.validUntil) return known;
    this.#known.delete(token);
    return undefined;
  }
}
