import { join, relative, resolve } from 'node:path';
import { UsageError } from '@rookery/command-line';
import { openProject, sourcesOf } from '../../check/project.ts';
import { ownRoot } from '../../compose/subgraph-files.ts';
import { callerFolder, isPackage } from '../../model/installation.ts';
import { writeNewSubgraph } from '../../new-subgraph/new-subgraph.ts';
import { defineCommand, finish } from '../command.ts';

const usage = `Writes a new subgraph that works: TypeScript on Node 24 with @apollo/subgraph, which answers the gateway only, extends
Post and User, and has a mutation, a subscription, tests, a Dockerfile and CI. ${isPackage ? 'README.md in it says how to go on' : 'docs/tutorial/first-subgraph.md begins with it'}.

  npm run schema -- new-subgraph notes                       in the folder notes ${isPackage ? 'below this one' : 'next to this repository'}
  npm run schema -- new-subgraph notes --out ../team/notes   in another folder, which is missing or empty

  --out FOLDER          default: NAME in the ${isPackage ? 'present folder' : 'folder in which npm was called, or next to this repository if that is within it'}
  --type NAME           its type; default: the singular of NAME, such as Note
  --config FILE         configuration of the subgraphs that it must compose with; default: ${isPackage ? "Rookery's own, of this version" : 'rookery-schema.json, if there is one'}`;

const isWithin = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

/** Returns the folder for a subgraph: a subgraph of its own is no part of Rookery's repository. */
const folderOf = (name: string, out: string | undefined): string => {
  if (out !== undefined) return resolve(callerFolder(), out);
  const isInClone = !isPackage && isWithin(ownRoot, callerFolder());
  const parent = isInClone ? join(ownRoot, '..') : callerFolder();
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
    // A team's own configuration seldom names the subgraphs of others, and the package has those that every graph has.
    const joined = isPackage && config === undefined ? undefined : sourcesOf(openProject(config));
    const words = writeNewSubgraph(joined, { name, type, folder });
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
