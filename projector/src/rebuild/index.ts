export { findJob, RebuildInTheWay } from './job.ts';
export { createPace, type Pace } from './pace.ts';
export { type RebuildOptions, type RebuildProgress, type Rebuilt, rebuild } from './rebuild.ts';
export { abandon, NothingBefore, rollBack } from './roll-back.ts';
