import { parseArgs } from 'node:util';
import { CompositionError } from './compose.ts';
import { driftOf, generatedFiles, write } from './generated.ts';

const help = `Writes what follows from the SDL in schema/graphql: the supergraph and the resolvers' types.

  npm run schema:generate               writes the files
  npm run schema:generate -- --check    writes nothing; exits 1 where a committed file differs
`;

const { values } = parseArgs({
  options: { check: { type: 'boolean', default: false }, help: { type: 'boolean', default: false } },
});

if (values.help) {
  process.stdout.write(help);
} else {
  try {
    const drift = driftOf(await generatedFiles());
    if (!values.check) write(drift);
    for (const { path } of drift) console.log(`${values.check ? 'out of step' : 'written'}: ${path}`);
    if (drift.length === 0) console.log('generated files are in step with the schema');
    if (values.check && drift.length > 0) {
      console.error('run `npm run schema:generate` and commit the result');
      process.exitCode = 1;
    }
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error;
    console.error(`the subgraphs do not compose:\n${error.message}`);
    process.exitCode = 1;
  }
}
