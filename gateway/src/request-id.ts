import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

export const requestIdHeader = 'x-request-id';

/** Nothing that could break a log line or a header, and not so long that it hurts. */
const sane = /^[\w.:-]{1,128}$/;

/** The client's own request id where it is fit to be logged and sent on, else a new one. */
export const requestIdFrom = (header: string | string[] | undefined): string =>
  typeof header === 'string' && sane.test(header) ? header : randomUUID();

const current = new AsyncLocalStorage<string>();

/** Runs `work` so that `currentRequestId` tells this id in everything that it calls. */
export const withRequestId = <T>(requestId: string, work: () => T): T => current.run(requestId, work);

/** The request that is being answered, for places that no context reaches (Apollo's error formatter). */
export const currentRequestId = (): string | undefined => current.getStore();
