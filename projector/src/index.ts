export { type ProjectorConfig, projectorSettings, startProjector } from './app.ts';
export { type Apply, type ApplyOptions, createApply } from './apply.ts';
export { createFanOut, type FanOut, type FanOutOptions } from './fan-out.ts';
export { changeProgress, readProgress } from './progress-document.ts';
export { type Replayed, type ReplayFailure, type ReplayOptions, replay } from './replay.ts';
