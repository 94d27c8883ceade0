/**
 * Runs `work` for each item, at most `limit` at a time, and takes items only as work begins. After a failure it starts
 * nothing more, and rejects with the first one once all started work has ended, so that no work goes on behind the
 * caller's back.
 */
export const forEachConcurrently = async <T>(
  items: Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const rest = items[Symbol.iterator]();
  let failure: { readonly error: unknown } | undefined;
  const worker = async () => {
    try {
      for (let next = rest.next(); !next.done && !failure; next = rest.next()) await work(next.value);
    } catch (error) {
      failure ??= { error };
    }
  };
  await Promise.all(Array.from({ length: limit }, worker));
  if (failure) throw failure.error;
};
