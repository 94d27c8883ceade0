/**
 * Runs `work` for every item, a limited number at a time. Rejects with the first failure once all started
 * work has ended.
 */
export const eachAtMost = async <T>(
  atOnce: number,
  all: Iterable<T>,
  work: (one: T) => Promise<void>,
): Promise<void> => {
  const rest = [...all].values();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    for (const one of rest) {
      if (failure) return;
      try {
        await work(one);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (failure) throw failure.error;
};
