import { exitCodes, InputError, runCommandLine } from '@rookery/command-line';
import { CompositionError } from './compose.ts';
import { driftOf, generatedFiles, write } from './generated.ts';
import { readSubgraphFiles } from './subgraph-files.ts';

const usage = `Writes what is generated: from schema/events/kinds their list, their first fixtures and the enum Verb; from
the SDL in schema/graphql the supergraph, the types of Rookery's own resolvers, and the contract.

  npm run schema:generate               writes the files
  npm run schema:generate -- --check    writes nothing, and fails if a committed file differs
  --json                                one JSON object on standard output

Exit codes: 0 in step, 1 out of step or the subgraphs do not compose, 2 wrong arguments or an SDL file cannot be used.`;

const options = { check: { type: 'boolean' }, json: { type: 'boolean' } } as const;

interface Generated {
  readonly ok: boolean;
  /** Files that differed. */
  readonly drift: readonly string[];
  readonly written: boolean;
}

const generate = async (check: boolean): Promise<Generated> => {
  const drift = driftOf(await generatedFiles(readSubgraphFiles()));
  if (!check) write(drift);
  return { ok: !check || drift.length === 0, drift: drift.map(({ path }) => path), written: !check };
};

const print = ({ ok, drift, written }: Generated): void => {
  for (const path of drift) console.log(`${written ? 'written' : 'out of step'}: ${path}`);
  if (drift.length === 0) console.log('generated files are in step with their sources');
  if (!ok) console.error('run `npm run schema:generate` and commit the result');
};

process.exitCode = await runCommandLine({
  name: 'schema:generate',
  usage,
  options,
  async run({ check = false, json = false }) {
    try {
      const generated = await generate(check);
      if (json) console.log(JSON.stringify(generated));
      else print(generated);
      return generated.ok ? exitCodes.ok : exitCodes.problem;
    } catch (error) {
      const isComposition = error instanceof CompositionError;
      if (!isComposition && !(error instanceof InputError)) throw error;
      if (json) console.log(JSON.stringify({ ok: false, error: error.message }));
      if (!isComposition) throw error;
      console.error(`the subgraphs do not compose:\n${error.message}`);
      return exitCodes.problem;
    }
  },
});
