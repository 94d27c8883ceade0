/** `npm run test:long`: the tests that take minutes, with the rest of the command line as in `npm test`. */
process.argv.push('--project', 'long');
await import('./run.ts');

export {};
