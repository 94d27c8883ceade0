import type { Data } from './data.ts';

/** What a subgraph sends may be called like something that every object has: that one is hidden, never written to. */
const own = (target: Data, key: string): void => {
  if (key in Object.prototype && !Object.hasOwn(target, key))
    Object.defineProperty(target, key, {
      configurable: true,
      enumerable: true,
      writable: true,
      value: undefined,
    });
};

const isObject = (value: unknown): value is Data => typeof value === 'object' && value !== null;

/** Adds what was fetched to what is there: objects and lists of the same length by their parts, the rest replaces. */
export const merge = (target: Data, source: Data | null | undefined): void => {
  for (const key in source) {
    const value = source[key];
    if (value === undefined) continue;
    own(target, key);
    const there = target[key];
    if (Array.isArray(value)) {
      if (Array.isArray(there) && there.length === value.length) mergeList(there, value);
      else target[key] = value;
    } else if (isObject(there) && !Array.isArray(there) && isObject(value)) merge(there, value);
    else target[key] = value;
  }
};

const mergeList = (target: unknown[], source: readonly unknown[]): void => {
  source.forEach((value, i) => {
    const there = target[i];
    if (Array.isArray(there) && Array.isArray(value) && there.length === value.length)
      mergeList(there, value);
    else if (isObject(there) && isObject(value)) merge(there, value);
    else target[i] = value;
  });
};
