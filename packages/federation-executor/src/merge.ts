import { type Data, isData } from './data.ts';
import { LostValue } from './lost-value.ts';

/** A subgraph's field may be called like something that every object has: that one is hidden, never written to. */
const own = (target: Data, key: string): void => {
  if (key in Object.prototype && !Object.hasOwn(target, key))
    Object.defineProperty(target, key, {
      configurable: true,
      enumerable: true,
      writable: true,
      value: undefined,
    });
};

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
    } else if (isData(there) && isData(value)) merge(there, value);
    else target[key] = value;
  }
};

const mergeList = (target: unknown[], source: readonly unknown[]): void => {
  source.forEach((value, i) => {
    const there = target[i];
    if (Array.isArray(there) && Array.isArray(value) && there.length === value.length)
      mergeList(there, value);
    else if (isData(there) && isData(value)) merge(there, value);
    else target[i] = value;
  });
};

/** Adds what the target lacks. A value that was lost is replaced by one that was answered. */
export const fillIn = (target: Data, source: Data): void => {
  for (const [key, value] of Object.entries(source)) {
    own(target, key);
    const there = target[key];
    if (there === undefined || (there instanceof LostValue && !(value instanceof LostValue)))
      target[key] = value;
  }
};
