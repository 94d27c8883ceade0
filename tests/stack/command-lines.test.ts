import { itReadsItsOptions, itRefuses, itShowsItsUsage } from './check-command-lines.ts';

// The commands that could do harm; the long test has all others.
itReadsItsOptions(['start', 'reset']);
// It would run all tests.
itShowsItsUsage(['test']);
itRefuses([['frobnicate']]);
