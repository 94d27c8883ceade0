/**
 * Serializes calls: callers that arrive during a call share the next one, since the running call may be older
 * than their question.
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
