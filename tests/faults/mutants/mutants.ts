import { audienceMutants } from './audiences.ts';
import { audienceOfPostMutants } from './audiences-of-posts.ts';
import { blockMutants } from './blocks.ts';
import { bulkMutants } from './bulk.ts';
import { clusterMutants } from './clusters.ts';
import { commandMutants } from './commands.ts';
import { conversationMutants } from './conversation.ts';
import { countMutants } from './counts.ts';
import type { Mutant } from './define.ts';
import { failoverMutants } from './failover.ts';
import { feedMutants } from './feeds.ts';
import { gatewayMutants } from './gateway.ts';
import { handleMutants } from './handles.ts';
import { liveDeliveryMutants } from './live-delivery.ts';
import { moderationMutants } from './moderation.ts';
import { muteMutants } from './mutes.ts';
import { notificationMutants } from './notifications.ts';
import { orderMutants } from './order.ts';
import { outageMutants } from './outages.ts';
import { projectorMutants } from './projector.ts';
import { pushMutants } from './push.ts';
import { readMutants } from './reads.ts';
import { rebuildMutants } from './rebuilds.ts';
import { recorderMutants } from './recorder.ts';
import { registryMutants } from './registry.ts';
import { requestMutants } from './requests.ts';
import { restoreMutants } from './restore.ts';
import { resultMutants } from './results.ts';
import { schemaMutants } from './schema.ts';
import { secretMutants } from './secrets.ts';
import { shapeMutants } from './shape.ts';
import { teamMutants } from './teams.ts';
import { threadMutants } from './threads.ts';
import { trendMutants } from './trends.ts';

export type { Catcher, Mutant } from './define.ts';

/** Mistakes that somebody might make. Each takes away one of the things on which a promise rests. */
export const mutants: readonly Mutant[] = [
  ...liveDeliveryMutants,
  ...readMutants,
  ...commandMutants,
  ...rebuildMutants,
  ...failoverMutants,
  ...gatewayMutants,
  ...handleMutants,
  ...teamMutants,
  ...registryMutants,
  ...requestMutants,
  ...pushMutants,
  ...recorderMutants,
  ...restoreMutants,
  ...resultMutants,
  ...schemaMutants,
  ...secretMutants,
  ...shapeMutants,
  ...outageMutants,
  ...audienceMutants,
  ...projectorMutants,
  ...feedMutants,
  ...blockMutants,
  ...audienceOfPostMutants,
  ...moderationMutants,
  ...muteMutants,
  ...conversationMutants,
  ...threadMutants,
  ...notificationMutants,
  ...bulkMutants,
  ...clusterMutants,
  ...orderMutants,
  ...countMutants,
  ...trendMutants,
];
