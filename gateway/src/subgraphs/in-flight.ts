/** Pending calls by key: concurrent callers with the same key share one result. */
export class InFlight<T> {
  readonly #calls = new Map<string, Promise<T>>();

  /** The call that is under way for this key. */
  join(key: string): Promise<T> | undefined {
    return this.#calls.get(key);
  }

  /** Lets others join this call until it ends. */
  run(key: string, call: Promise<T>): Promise<T> {
    const forget = (): void => void this.#calls.delete(key);
    this.#calls.set(key, call);
    call.then(forget, forget);
    return call;
  }
}
