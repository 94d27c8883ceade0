import { join, relative, resolve } from 'node:path';
import { UsageError } from '@rookery/command-line';
import { openProject } from '../../check/project.ts';
import { ownRoot } from '../../compose/subgraph-files.ts';
import { callerFolder } from '../../model/installation.ts';
import { writeNewSubgraph } from '../../new-subgraph/new-subgraph.ts';
import { defineCommand, finish } from '../command.ts';

const usage = `Writes a new subgraph that works: TypeScript on Node 24 with @apollo/subgraph, which answers the gateway only, extends
Post and User, and has a mutation, a subscription, tests, a Dockerfile and CI. docs/tutorial/first-subgraph.md begins with it.

  npm run schema -- new-subgraph notes                       in the folder notes next to this repository
  npm run schema -- new-subgraph notes --out ../team/notes   in another folder, which is missing or empty

  --out FOLDER          default: NAME in the folder in which npm was called, or next to this repository if that is within it
  --type NAME           its type; default: the singular of NAME, such as Note
  --config FILE         configuration of the subgraphs that it must compose with; default: rookery-schema.json, if there is one`;

const isWithin = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

/** Returns the folder for a subgraph: a subgraph of its own is no part of Rookery's repository. */
const folderOf = (name: string, out: string | undefined): string => {
  if (out !== undefined) return resolve(callerFolder(), out);
  const parent = isWithin(ownRoot, callerFolder()) ? join(ownRoot, '..') : callerFolder();
  return join(parent, name);
};

export const newSubgraphCommand = defineCommand({
  name: 'new-subgraph',
  about: 'writes a new subgraph that works',
  usage,
  options: {
    out: { type: 'string' },
    type: { type: 'string' },
    config: { type: 'string' },
  },
  positionals: true,
  run({ out, type, config, ...output }, [name, ...rest]) {
    if (name === undefined || rest.length > 0) throw new UsageError('new-subgraph takes one NAME');
    const folder = folderOf(name, out);
    const words = writeNewSubgraph(openProject(config), { name, type, folder });
    const { one, several, type: typeName } = words;
    const text = [
      `written: ${folder}`,
      `the subgraph ${name} has the type ${typeName}, Post.${several}, User.${several}, add${typeName} and ${one}Added`,
      '',
      `  cd ${relative(callerFolder(), folder) || '.'}`,
      '  npm install',
      '  npm test',
      '  npm run dev',
    ].join('\n');
    return finish({ text, data: { folder, subgraph: name, type: typeName } }, output);
  },
});
