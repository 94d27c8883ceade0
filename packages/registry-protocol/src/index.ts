export * from './answers.ts';
export * from './app-version.ts';
export * from './launch-answer.ts';
export * from './launch-subject.ts';
export * from './registry-token.ts';
export * from './signed-supergraph.ts';
export * from './storable-text.ts';
export * from './usage-batch.ts';
