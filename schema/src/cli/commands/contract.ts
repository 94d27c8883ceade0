import { UsageError } from '@rookery/command-line';
import { printSchema } from 'graphql';
import { contractSchema } from '../../check/contract-schema.ts';
import { openProject, sourcesOf } from '../../check/project.ts';
import { compose } from '../../compose/compose.ts';
import { CompositionError } from '../../compose/composition-error.ts';
import { defineCommand, finish } from '../command.ts';

const usage = `Prints the SDL that clients of a contract see: the part of the API that its tags select.

  npm run schema -- contract NAME

  --config FILE         configuration that defines the contract; default: rookery-schema.json`;

export const contractCommand = defineCommand({
  name: 'contract',
  about: 'prints the part of the API that the tags of a contract select',
  usage,
  options: { config: { type: 'string' } },
  positionals: true,
  run({ config, ...output }, [name, ...rest]) {
    if (name === undefined || rest.length > 0) throw new UsageError('contract takes one NAME');
    const project = openProject(config);
    const rules = project.config.contracts.find((one) => one.name === name);
    if (rules === undefined)
      throw new UsageError(
        `no contract is called ${name}; the configuration has ${project.config.contracts.map((one) => one.name).join(', ') || 'none'}`,
      );
    const { sdls, files } = sourcesOf(project);
    const schema = contractSchema(compose(sdls, files), rules);
    if (!('getTypeMap' in schema)) throw new CompositionError(schema);
    const sdl = printSchema(schema);
    return finish({ text: sdl, data: { compositionErrors: [], sdl } }, output);
  },
});
