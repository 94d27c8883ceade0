/** `npm run test:long`: the tests that take minutes, and properties tried often, with the rest of the command line as in `npm test`. */
process.argv.push('--project', 'long', '--project', 'properties');
await import('./run.ts');

export {};
