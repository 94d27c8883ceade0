import { readFileSync, writeFileSync } from 'node:fs';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as typescriptResolvers from '@graphql-codegen/typescript-resolvers';
import { parse } from 'graphql';

/** Writes the types of the resolvers from schema.graphql; with --check, fails if they are not in step. */
const target = new URL('src/generated/resolvers.ts', import.meta.url);
const header = '// Generated from schema.graphql by `npm run generate`. Do not edit.\n';

const source = await codegen({
  filename: 'resolvers.ts',
  schema: parse(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8')),
  documents: [],
  config: {
    contextType: '../context.ts#Context',
    // The parent that the resolvers of a type get.
    mappers: {
      Sample: '../store.ts#SampleRecord',
      SampleEdge: '../store.ts#SampleEvent',
      Post: '../references.ts#Reference',
      User: '../references.ts#Reference',
    },
    federation: true,
    useTypeImports: true,
    enumsAsTypes: true,
    scalars: { DateTime: 'string', _FieldSet: 'string', ID: { input: 'string', output: 'string' } },
    strictScalars: true,
    skipTypename: true,
    maybeValue: 'T | null | undefined',
  },
  plugins: [{ typescript: {} }, { typescriptResolvers: {} }],
  pluginMap: { typescript, typescriptResolvers },
});

if (!process.argv.includes('--check')) writeFileSync(target, header + source);
else if (readFileSync(target, 'utf8') !== header + source) {
  console.error('src/generated/resolvers.ts is not in step with schema.graphql: run `npm run generate`');
  process.exitCode = 1;
}
