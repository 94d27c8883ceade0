import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '@rookery/command-line';
import { openProject, sourcesOf } from '../../check/project.ts';
import { compose } from '../../compose/compose.ts';
import { CompositionError } from '../../compose/composition-error.ts';
import { readNamedSubgraphs } from '../../compose/named-subgraphs.ts';
import { messageOf } from '../../compose/probe.ts';
import { callerFolder } from '../../model/installation.ts';
import { conclude } from '../../model/outcome.ts';
import { defineCommand } from '../command.ts';

const usage = `Composes the supergraph of the subgraphs in schema/graphql and of other teams'.

  npm run schema -- compose --subgraph reviews=../reviews/reviews.graphql --out supergraph.graphql

  --config FILE         configuration; default: rookery-schema.json, if there is one
  --subgraph NAME=FILE  SDL file of a subgraph, or the address of one that answers _service; may be repeated; replaces the
                        one of the same name in schema/graphql
  --out FILE            file for the supergraph; default: standard output

The addresses in the supergraph are placeholders: name the real ones in SUBGRAPH_URLS of the gateway.`;

const options = {
  config: { type: 'string' },
  subgraph: { type: 'string', multiple: true },
  out: { type: 'string' },
} as const;

/** Writes a file by its path from the folder in which npm was called. @throws InputError */
export const writeTo = (path: string, text: string): void => {
  try {
    writeFileSync(resolve(callerFolder(), path), text);
  } catch (error) {
    throw new InputError(`failed to write ${path}: ${messageOf(error)}`);
  }
};

export const composeCommand = defineCommand({
  name: 'compose',
  about: 'composes the supergraph',
  usage,
  options,
  async run({ config, subgraph = [], out, json }) {
    const own = sourcesOf(openProject(config));
    const named = await readNamedSubgraphs(subgraph);
    try {
      const { supergraphSdl } = compose({ ...own.sdls, ...named.sdls }, { ...own.files, ...named.files });
      if (out !== undefined) writeTo(out, supergraphSdl);
      if (json) console.log(JSON.stringify({ ...conclude([]), compositionErrors: [], supergraphSdl }));
      else if (out === undefined) process.stdout.write(supergraphSdl);
      return conclude([]).exitCode;
    } catch (error) {
      if (!(error instanceof CompositionError) || json) throw error;
      console.error(`the subgraphs do not compose:\n${error.message}`);
      return conclude([{ outcome: 'composition-failed', message: error.message }]).exitCode;
    }
  },
});
