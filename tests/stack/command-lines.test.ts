import { itReadsItsOptions, itRefuses } from './check-command-lines.ts';

// The commands that could do harm, and one of each kind of wrong value; the long test has all commands.
itReadsItsOptions(['start', 'reset']);
itRefuses([['demo', '--users', 'many'], ['bench:scale', '--people', '200,100'], ['frobnicate']]);
