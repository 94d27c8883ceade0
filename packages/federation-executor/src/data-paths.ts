import type { ResponsePath } from '@apollo/query-planner';
import { isData } from './data.ts';

/**
 * Returns the value at the path. `@` goes into every item of a list, and everything found becomes one list. A value of
 * the wrong kind leads nowhere; the shaping reports it to the client.
 */
export const follow = (value: unknown, path: ResponsePath, from: number): unknown => {
  for (let i = from; i < path.length; i++) {
    const step = path[i] ?? '';
    if (step === '@') {
      if (!Array.isArray(value)) return undefined;
      if (i === path.length - 1) return value.flat();
      return value.flatMap((item) => follow(item, path, i + 1));
    }
    if (!isData(value)) return undefined;
    value = Object.hasOwn(value, step) ? value[step] : undefined;
  }
  return value;
};

/** Returns every place that a plan's path leads to, in the order in which `follow` finds them. */
export const placesOf = (path: ResponsePath, data: unknown): (string | number)[][] => {
  const places: (string | number)[][] = [];
  const walk = (value: unknown, at: number, place: readonly (string | number)[]): void => {
    if (Array.isArray(value)) {
      const next = path[at] === '@' ? at + 1 : at;
      value.forEach((item, i) => {
        walk(item, next, [...place, i]);
      });
      return;
    }
    if (!isData(value)) return;
    const step = path[at];
    if (step === undefined) places.push([...place]);
    else if (Object.hasOwn(value, step)) walk(value[step], at + 1, [...place, step]);
  };
  walk(data, 0, []);
  return places;
};
