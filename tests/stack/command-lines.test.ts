import { itReadsItsOptions, itRefuses } from './check-command-lines.ts';

// The commands that could do harm; the long test has all others.
itReadsItsOptions(['start', 'reset']);
itRefuses([['frobnicate']]);
