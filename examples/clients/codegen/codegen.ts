import type { CodegenConfig } from '@graphql-codegen/cli';

export default {
  schema: '../../../schema/contract.graphql',
  documents: '*.ts',
  generates: {
    './generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: {
        documentMode: 'string', // no GraphQL parser in the bundle
        enumsAsTypes: true,
        scalars: { DateTime: 'string' }, // ISO 8601
        useTypeImports: true,
      },
    },
  },
} satisfies CodegenConfig;
