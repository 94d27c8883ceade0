const isLongTier = process.env.PROPERTY_RUNS === 'all';

/**
 * Returns how often a property is tried: so many times in the long tier (`npm run test:long`), and a third of them in the short
 * one. `PROPERTY_RUNS=all npm test -- PATH` tries all of them, too.
 */
export const propertyRuns = (all: number): number => (isLongTier ? all : Math.ceil(all / 3));

/**
 * Returns the cases of a rule that this tier tries: all of them in the long one, and those that are enough to notice that the rule
 * is broken in the short one.
 */
export const casesOfTier = <T>(all: readonly T[], enough: (one: T, index: number) => boolean): T[] =>
  isLongTier ? [...all] : all.filter(enough);
