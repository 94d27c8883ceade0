import { activities } from './activities.ts';
import { feeds } from './feeds.ts';
import { notifications } from './notifications.ts';
import { postsProjection } from './posts.ts';
import { profiles } from './profiles.ts';
import { reactions } from './reactions.ts';

/**
 * All read models. Each has a durable consumer on RECORDED under its name, which keeps a message until all of them have
 * acknowledged it.
 */
export const definedProjections = [
  profiles,
  postsProjection,
  reactions,
  feeds,
  notifications,
  activities,
] as const;
