import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { transformAsync } from '@babel/core';

/** Has babel-plugin-relay replace `graphql` tags in a folder by imports of what relay-compiler generated. */
export const relay = (folder) => ({
  name: 'relay',
  setup(build) {
    build.onLoad({ filter: /\.tsx$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      if (!source.includes("from 'react-relay'")) return undefined;
      const result = await transformAsync(source, {
        babelrc: false,
        configFile: false,
        filename: path,
        parserOpts: { plugins: ['typescript', 'jsx'] },
        plugins: [['relay', { artifactDirectory: join(folder, 'generated'), eagerEsModules: true }]],
      });
      return { contents: result.code, loader: 'tsx' };
    });
  },
});
