import { activities } from './activities.ts';
import type { Projection } from './define.ts';
import { feeds } from './feeds.ts';
import { postsProjection } from './posts.ts';
import { profiles } from './profiles.ts';
import { reactions } from './reactions.ts';

export * from './define.ts';
export { type Documented, fold, project } from './fold.ts';

/** All read models, by the name of their consumer and of their checkpoint. */
export const projections: readonly Projection[] = [profiles, postsProjection, reactions, feeds, activities];

export const projectionNames: readonly string[] = projections.map(({ name }) => name);
