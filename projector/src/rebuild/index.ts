export { createBackfill } from './backfill.ts';
export { isRebuildUnfinished, RebuildConflictError } from './job.ts';
export { createPace } from './pace.ts';
export { createRanges, rangeSize } from './ranges.ts';
export { type RebuildOptions, type RebuildProgress, type Rebuilt, rebuild } from './rebuild.ts';
export { abandon, NoPreviousGenerationError, rollBack } from './roll-back.ts';
export { findTargets } from './targets.ts';
