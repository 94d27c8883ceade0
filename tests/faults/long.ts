// The long tier: the same program, with the full matrix and more than one seed by default.
process.argv.splice(2, 0, '--long');
await import('./main.ts');
