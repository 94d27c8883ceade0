import { viewerOf } from '@rookery/graphql-server';
import type { SubgraphContext } from '@rookery/graphql-server/subgraph';
import { crashPoint, newId } from '@rookery/runtime';
import { makeEvent, writeEvent } from '@rookery/schema/events';
import type { Clock } from '../clock.ts';
import { changeHandleInput } from '../commands/account.ts';
import { parseInput } from '../input.ts';
import { type Receipt, receipt, type UserRef } from '../models.ts';
import { traceOf } from '../trace.ts';
import type { HandleTable } from './handle-table.ts';
import { readHandle } from './handles.ts';
import type { PublishFromOutbox } from './outbox.ts';

export interface ChangeHandleParts {
  readonly handles: HandleTable;
  readonly publish: PublishFromOutbox;
  readonly clock: Clock;
}

/** The receipt of a change of the handle, and the user. */
export interface HandleChange {
  readonly activity: Receipt;
  readonly user: UserRef;
}

/**
 * Returns the function that gives the viewer another handle. A repeat is answered with the event that gave them the handle, so
 * that it needs no idempotency key.
 */
export const createChangeHandle =
  ({ handles, publish, clock }: ChangeHandleParts) =>
  async (raw: unknown, context: SubgraphContext): Promise<HandleChange> => {
    const viewer = viewerOf(context);
    const claim = readHandle(parseInput(changeHandleInput, raw).handle);
    await publish.mustAnswer();
    const id = newId();
    const { last, joinedAt } = await handles.change(viewer, claim, (handle, notBefore) =>
      writeEvent(
        makeEvent({
          ...{ name: 'rookery.user.handle-changed', id, subject: viewer, actor: viewer, data: { handle } },
          time: clock(viewer, notBefore),
          ...traceOf(context),
        }),
      ),
    );
    const user = { id: viewer };
    if (last === 'sign-up')
      return { activity: receipt('SIGN_UP', { id: viewer, actor: viewer, time: joinedAt }), user };
    if (last.id === id) {
      crashPoint('after-commit');
      await publish.now(last, context.log);
    }
    return { activity: receipt('CHANGE_HANDLE', last), user };
  };
