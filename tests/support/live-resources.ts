import { AsyncLocalStorage } from 'node:async_hooks';

/** Resources that this test file has acquired and not released. */
const live = new Map<symbol, { readonly name: string; readonly release: () => Promise<void> }>();

/** Set while resources are acquired that outlast the file. */
const lasting = new AsyncLocalStorage<true>();

/** Runs an action whose resources outlast this test file: they end with the worker or with the run. */
export const forAllFiles = <T>(action: () => Promise<T>): Promise<T> => lasting.run(true, action);

/**
 * Notes a resource until it is released.
 * @returns its release: safe to call twice, and the second call waits for the first
 */
export function hold(name: string, release: () => Promise<void>): () => Promise<void> {
  const key = Symbol(name);
  let done: Promise<void> | undefined;
  const once = () => {
    done ??= release().finally(() => live.delete(key));
    return done;
  };
  if (!lasting.getStore()) live.set(key, { name, release: once });
  return once;
}

/** Releases whatever is left and says what it was. */
export async function releaseAll(): Promise<string[]> {
  const left = [...live.values()].reverse();
  for (const { release } of left) await release();
  return left.map(({ name }) => name);
}
