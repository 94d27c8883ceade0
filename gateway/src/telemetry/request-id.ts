import { AsyncLocalStorage } from 'node:async_hooks';

const current = new AsyncLocalStorage<string>();

/** Runs `work` so that `currentRequestId` tells this id in everything that it calls. */
export const withRequestId = <T>(requestId: string, work: () => T): T => current.run(requestId, work);

/** The request that is being answered, for places that no context reaches (Apollo's error formatter). */
export const currentRequestId = (): string | undefined => current.getStore();
