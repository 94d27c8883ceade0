import { openProject, sourcesOf } from '../../check/project.ts';
import { apiSchema, compose } from '../../compose/compose.ts';
import { schemaReference } from '../../generate/api-reference.ts';
import { defineCommand, finish } from '../command.ts';
import { writeTo } from './compose.ts';

const usage = `Writes a reference page of the API in Markdown: every type and field with its description.

  --config FILE         configuration; default: rookery-schema.json, if there is one
  --out FILE            file for the page; default: standard output`;

export const docsCommand = defineCommand({
  name: 'docs',
  about: 'writes a reference page of the API',
  usage,
  options: { config: { type: 'string' }, out: { type: 'string' } },
  run({ config, out, ...output }) {
    const { sdls, files } = sourcesOf(openProject(config));
    const page = schemaReference(apiSchema(compose(sdls, files)));
    if (out !== undefined) writeTo(out, page);
    return finish({ text: out === undefined ? page.trimEnd() : '', data: { page } }, output);
  },
});
