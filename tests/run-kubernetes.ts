/** `npm run test:kubernetes`: the chart on a real control plane, with the rest of the command line as in `npm test`. */
process.argv.push('--project', 'kubernetes');
await import('./run.ts');

export {};
