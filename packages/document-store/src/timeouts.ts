/**
 * Longest wait in milliseconds: of one read or write, for a connection, and of the parts of work on whole collections whose
 * time does not grow with the collection, with its connection. Nobody waits for them at a page.
 */
export const timeoutsMs = {
  call: 2_000,
  /** So much longer the client waits than the server works: whether the server answered makes the difference. */
  answer: 400,
  connect: 1_500,
  maintenance: 120_000,
  maintenanceConnect: 10_000,
} as const;

/** Waits for a promise, but no longer than so many milliseconds: a frozen server never says goodbye. */
export const atMost = async (milliseconds: number, promise: Promise<unknown>): Promise<void> => {
  const { promise: enough, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, milliseconds);
  try {
    await Promise.race([promise, enough]);
  } finally {
    clearTimeout(timer);
  }
};
