export { chartDir, filesBelow, kustomizeDir, storesDir } from './layout.ts';
export { readManifests } from './manifest.ts';
export { readCustomResources } from './schemas/custom-resources.ts';
export { openDeployTools } from './tools.ts';
export { variants } from './variants.ts';
