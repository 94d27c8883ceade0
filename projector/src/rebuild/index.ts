export { type Backfill, createBackfill } from './backfill.ts';
export { findJob, RebuildConflictError } from './job.ts';
export { createPace, type Pace } from './pace.ts';
export { createRanges, rangeSize } from './ranges.ts';
export { type RebuildOptions, type RebuildProgress, type Rebuilt, rebuild } from './rebuild.ts';
export { abandon, NoPreviousGenerationError, rollBack } from './roll-back.ts';
export { findTargets } from './targets.ts';
