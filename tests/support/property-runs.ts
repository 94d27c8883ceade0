/**
 * Returns how often a property is tried: so many times in the long tier (`npm run test:long`), and a third of them in the short
 * one. `PROPERTY_RUNS=all npm test -- PATH` tries all of them, too.
 */
export const propertyRuns = (all: number): number =>
  process.env.PROPERTY_RUNS === 'all' ? all : Math.ceil(all / 3);
