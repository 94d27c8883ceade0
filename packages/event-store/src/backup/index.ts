export * from './archive.ts';
export * from './lines.ts';
export * from './manifest.ts';
