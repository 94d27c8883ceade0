import { CompositionError } from '../../compose/composition-error.ts';
import { readSubgraphFiles } from '../../compose/subgraph-files.ts';
import { driftOf, generatedFiles, write } from '../../generate/generated.ts';
import { conclude, type Failure } from '../../model/outcome.ts';
import { defineCommand } from '../command.ts';

const usage = `Writes what is generated: from schema/events/kinds their list, their first fixtures and the enum Verb; from
the SDL in schema/graphql the supergraph, the types of Rookery's own resolvers, and the contract.

  npm run schema -- generate

  --check               writes nothing, and fails if a committed file differs`;

const options = { check: { type: 'boolean' } } as const;

interface Generated {
  readonly ok: boolean;
  /** Files that differed. */
  readonly drift: readonly string[];
  readonly written: boolean;
}

const print = ({ ok, drift, written }: Generated): void => {
  for (const path of drift) console.log(`${written ? 'written' : 'out of step'}: ${path}`);
  if (drift.length === 0) console.log('generated files are in step with their sources');
  if (!ok) console.error('run `npm run schema:generate` and commit the result');
};

export const generateCommand = defineCommand({
  name: 'generate',
  about: 'writes the generated files of this repository',
  usage,
  options,
  async run({ check = false, json }) {
    try {
      const drift = driftOf(await generatedFiles(readSubgraphFiles()));
      if (!check) write(drift);
      const paths = drift.map(({ path }) => path);
      const failures: Failure[] =
        check && paths.length > 0 ? [{ outcome: 'generated-out-of-step', message: paths.join(', ') }] : [];
      const conclusion = conclude(failures);
      const generated = { ...conclusion, drift: paths, written: !check };
      if (json) console.log(JSON.stringify(generated));
      else print(generated);
      return conclusion.exitCode;
    } catch (error) {
      if (!(error instanceof CompositionError) || json) throw error;
      console.error(`the subgraphs do not compose:\n${error.message}`);
      return conclude([{ outcome: 'composition-failed', message: error.message }]).exitCode;
    }
  },
});
