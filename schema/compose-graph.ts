import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { exitCodes, InputError, runCommandLine } from '@rookery/command-line';
import { CompositionError, compose } from './compose.ts';
import { readNamedSubgraphs } from './foreign.ts';
import { messageOf } from './probe.ts';
import { readSubgraphFiles } from './subgraph-files.ts';

const usage = `Composes the supergraph of the subgraphs in schema/graphql and of other teams'.

  npm run schema:compose -- --subgraph reviews=../reviews/reviews.graphql --out supergraph.graphql

  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated; replaces the
                        one of the same name in schema/graphql
  --out FILE            file for the supergraph; default: standard output

The addresses in the supergraph are placeholders: name the real ones in SUBGRAPH_URLS of the gateway.

Exit codes: 0 composed; 1 the subgraphs do not compose; 2 wrong arguments, or a file cannot be used.`;

const options = { subgraph: { type: 'string', multiple: true }, out: { type: 'string' } } as const;

/** Writes a file by its path from the folder in which npm was called. @throws InputError */
const writeTo = (path: string, text: string): void => {
  try {
    writeFileSync(resolve(process.env.INIT_CWD ?? '', path), text);
  } catch (error) {
    throw new InputError(`failed to write ${path}: ${messageOf(error)}`);
  }
};

process.exitCode = await runCommandLine({
  name: 'schema:compose',
  usage,
  options,
  async run({ subgraph = [], out }) {
    const own = readSubgraphFiles();
    const named = await readNamedSubgraphs(subgraph);
    try {
      const { supergraphSdl } = compose({ ...own.sdls, ...named.sdls }, { ...own.files, ...named.files });
      if (out === undefined) process.stdout.write(supergraphSdl);
      else writeTo(out, supergraphSdl);
      return exitCodes.ok;
    } catch (error) {
      if (!(error instanceof CompositionError)) throw error;
      console.error(`the subgraphs do not compose:\n${error.message}`);
      return exitCodes.problem;
    }
  },
});
