import type { CodegenConfig } from '@graphql-codegen/cli';

export default {
  schema: '../../../schema/contract.graphql',
  documents: '*.tsx',
  generates: {
    './generated/': {
      preset: 'client',
      presetConfig: { fragmentMasking: false },
      config: { useTypeImports: true, scalars: { DateTime: 'string' } },
    },
  },
} satisfies CodegenConfig;
