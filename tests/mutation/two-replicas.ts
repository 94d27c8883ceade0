import {
  freshGround,
  type Ground,
  type Mutation,
  startMutationSubgraph,
} from '../support/systems/start-mutation.ts';

/** Two replicas of the mutation subgraph on the same servers. */
interface TwoReplicas extends AsyncDisposable {
  readonly ground: Ground;
  readonly replicas: [Mutation, Mutation];
}

export const startTwoReplicas = async (): Promise<TwoReplicas> => {
  await using undo = new AsyncDisposableStack();
  const ground = undo.use(await freshGround());
  const start = async () => undo.use(await startMutationSubgraph(ground));
  const replicas = await Promise.all([start(), start()]);
  const resources = undo.move();
  return { ground, replicas, [Symbol.asyncDispose]: () => resources.disposeAsync() };
};

/** Asks as a client does that is told to try again: on a busy machine Postgres may be late. */
export const insist = async <T>(ask: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message: string };
      if (code !== 'SERVICE_UNAVAILABLE' && message !== 'SERVICE_UNAVAILABLE') throw error;
    }
  }
};

/** Returns what has become of attempts at one thing: `won`, or the message of the error; in order. */
export const outcomesOf = async (attempts: readonly Promise<unknown>[]): Promise<string[]> =>
  (await Promise.allSettled(attempts))
    .map((o) => (o.status === 'fulfilled' ? 'won' : String(o.reason.message)))
    .sort();
