/** Stores of a process that is killed at one of its calls: from then on nothing that it does reaches them. */
export interface Killable {
  /** Wraps a store, and the stores that it returns. */
  readonly wrap: <T extends object>(store: T) => T;
  /** True once the process has been killed. */
  readonly isKilled: boolean;
}

type Method = (...args: unknown[]) => unknown;

/** Methods that name a part of a store, and do not call it. */
const naming: ReadonlySet<string | symbol> = new Set(['collection', 'at', 'beside', 'of']);

const isStore = (value: unknown): value is object =>
  typeof value === 'object' &&
  value !== null &&
  !(value instanceof Map) &&
  !Array.isArray(value) &&
  Object.values(value).some((one) => typeof one === 'function');

/**
 * @param last number of the last call
 * @param isDone whether the last call still has its effect; the process learns of it in no case
 */
export const createKillable = (last: number, isDone: boolean, onKilled: () => void): Killable => {
  let calls = 0;
  let isKilled = false;

  const die = (): never => {
    isKilled = true;
    onKilled();
    throw new Error(`killed at call ${last}`);
  };

  const call = async (work: () => unknown): Promise<unknown> => {
    calls += 1;
    if (isKilled || calls > last || (calls === last && !isDone)) return die();
    const isLast = calls === last;
    const result = await work();
    return isLast || isKilled ? die() : wrapped(result);
  };

  const wrapped = (value: unknown): unknown => (isStore(value) ? wrap(value) : value);

  const wrap = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') return wrapped(value);
        const work = (args: unknown[]): unknown => (value as Method).apply(target, args);
        return naming.has(key)
          ? (...args: unknown[]) => wrapped(work(args))
          : (...args: unknown[]) => call(() => work(args));
      },
    });

  return {
    wrap,
    get isKilled() {
      return isKilled;
    },
  };
};
