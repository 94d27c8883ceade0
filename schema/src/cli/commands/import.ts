import { UsageError } from '@rookery/command-line';
import { importLayout } from '../../import/import-layout.ts';
import { layouts } from '../../import/layout.ts';
import { callerFolder } from '../../model/installation.ts';
import { defineCommand, finish, oneOf } from '../command.ts';

export const importCommand = defineCommand({
  name: 'import',
  about: "writes a configuration from that of Rover, Hive or Cosmo's wgc",
  usage: `Writes rookery-schema.json from the configuration of another tool. Nothing is written unless everything can be imported.

  npm run schema -- import supergraph.yaml              of rover supergraph compose
  npm run schema -- import graph.yaml                   of wgc router compose
  npm run schema -- import .github/workflows/ci.yml     with commands such as hive schema:publish

  --from TOOL           rover, hive or wgc; default: what the file looks like
  --out FILE            configuration to write; default: rookery-schema.json. SDL that is in no file is put beside it
  --force               replace files that exist`,
  options: { from: { type: 'string' }, out: { type: 'string' }, force: { type: 'boolean' } },
  positionals: true,
  async run({ from: tool, out = 'rookery-schema.json', force = false, ...output }, [from, ...rest]) {
    if (from === undefined || rest.length > 0) throw new UsageError('import takes one FILE');
    const imported = await importLayout({
      folder: callerFolder(),
      from,
      out,
      tool: tool === undefined ? undefined : oneOf('from', tool, layouts),
      force,
    });
    const lines = imported.written.map((path) => `written: ${path}`);
    const names = `${imported.subgraphs.length} subgraphs: ${imported.subgraphs.join(', ')}`;
    return finish({ text: [...lines, names].join('\n'), data: imported }, output);
  },
});
