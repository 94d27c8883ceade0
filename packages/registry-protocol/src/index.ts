export * from './launch-subject.ts';
export * from './signed-supergraph.ts';
