interface Lane<T> {
  readonly running: Promise<void>;
  next: Promise<T> | undefined;
}

/**
 * Runs one call per key at a time. Callers that arrive meanwhile share the next one, which begins after all
 * of them arrived: so a thousand parallel commands of one actor cost two calls and do not contend with each
 * other.
 */
export class SharedCalls<T> {
  readonly #lanes = new Map<string, Lane<T>>();

  /** @param work has the same effect for all callers */
  call(key: string, work: () => Promise<T>): Promise<T> {
    const lane = this.#lanes.get(key);
    if (!lane) return this.#start(key, work);
    lane.next ??= lane.running.then(() => this.#start(key, work));
    return lane.next;
  }

  #start(key: string, work: () => Promise<T>): Promise<T> {
    const answer = work();
    const end = (): void => {
      if (!lane.next) this.#lanes.delete(key);
    };
    const lane: Lane<T> = { running: answer.then(end, end), next: undefined };
    this.#lanes.set(key, lane);
    return answer;
  }
}
