import { InputError } from '@rookery/command-line';
import { openProject, sourcesOf } from '../../check/project.ts';
import { type CoordinateUsage, coordinateUsage } from '../../check/usage/coordinate-usage.ts';
import { readTraffic } from '../../check/usage/traffic.ts';
import { usageSource } from '../../check/usage/usage-registry.ts';
import { apiSchema, compose } from '../../compose/compose.ts';
import { defineCommand, finish, type Output } from '../command.ts';

const common = `  --config FILE         configuration; default: rookery-schema.json, if there is one
  --usage FILE          recorded operations; default: the file that the configuration names. Also the address of an
                        environment in a registry, with REGISTRY_TOKEN: https://registry/v1/environments/production`;

const options = {
  config: { type: 'string' },
  usage: { type: 'string' },
} as const;

interface Given {
  readonly config?: string | undefined;
  readonly usage?: string | undefined;
}

/** Reads the use of every element. @throws InputError if no operation is known, since all would look unused */
const readUsage = async ({ config, usage }: Given): Promise<CoordinateUsage[]> => {
  const project = openProject(config);
  const { live } = await readTraffic(project, usageSource(usage), new Date());
  if (live.operations.length === 0)
    throw new InputError('no operation is known in the window: name recorded operations with --usage');
  const { sdls, files } = sourcesOf(project);
  return coordinateUsage(apiSchema(compose(sdls, files)), live.operations);
};

interface ShownUsage {
  readonly coordinate: string;
  readonly deprecationReason: string | null;
  readonly count: number;
  readonly operations: readonly string[];
  readonly clients: readonly string[];
}

const clientsOf = ({ operations }: CoordinateUsage): string[] => [
  ...new Set(
    operations.flatMap(({ clients }) =>
      clients.map(({ name, version }) => (version === null ? name : `${name} ${version}`)),
    ),
  ),
];

const lineOf = ({ coordinate, count, operations, clients }: ShownUsage): string =>
  operations.length === 0
    ? coordinate
    : `${coordinate}: ${count} requests by ${operations.join(', ')} of ${clients.join(', ')}`;

const print = (elements: readonly CoordinateUsage[], output: Output, nothing: string): number => {
  const shown = elements.map(
    (element): ShownUsage => ({
      coordinate: element.coordinate,
      deprecationReason: element.deprecationReason,
      count: element.count,
      operations: element.operations.map(({ name }) => name),
      clients: clientsOf(element),
    }),
  );
  const text = shown.length === 0 ? nothing : shown.map(lineOf).join('\n');
  return finish({ text, data: { elements: shown } }, output);
};

export const unusedCommand = defineCommand({
  name: 'unused',
  about: 'lists fields, arguments, input fields and enum values that no operation uses',
  usage: `Lists the elements of the API that no recorded operation and no trusted document uses.\n\n${common}`,
  options,
  async run(given) {
    const unused = (await readUsage(given)).filter(({ operations }) => operations.length === 0);
    return print(unused, given, 'every element is used');
  },
});

export const deprecatedCommand = defineCommand({
  name: 'deprecated',
  about: 'lists deprecated elements with their users',
  usage: `Lists the deprecated elements of the API with the operations and clients that use them.

  --used                only those that are used
${common}`,
  options: { ...options, used: { type: 'boolean' } },
  async run({ used = false, ...given }) {
    const deprecated = (await readUsage(given)).filter(
      ({ deprecationReason, operations }) => deprecationReason !== null && (!used || operations.length > 0),
    );
    return print(deprecated, given, `no deprecated element${used ? ' is used' : ''}`);
  },
});
