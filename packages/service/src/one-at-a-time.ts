/**
 * One call after the other, however many ask: those who ask while one is under way share the next, for what is under
 * way may be older than the question.
 */
export const oneAtATime = <T>(call: () => Promise<T>): (() => Promise<T>) => {
  let running: Promise<unknown> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    next = undefined;
    const answer = call();
    const ended = answer.then(
      () => {},
      () => {},
    );
    running = ended;
    void ended.then(() => {
      if (running === ended && !next) running = undefined;
    });
    return answer;
  };
  return () => {
    if (!running) return start();
    next ??= running.then(start);
    return next;
  };
};
