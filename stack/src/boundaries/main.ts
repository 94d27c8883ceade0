import { runCheck } from '../run-check.ts';
import { crossings } from './boundaries.ts';

process.exitCode = await runCheck({
  name: 'boundaries',
  about: 'Checks that imports stay within their package and their folder of tests; see boundaries.ts.',
  findings: crossings,
});
