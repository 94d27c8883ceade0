import { type Mutant, mutant } from './define.ts';

const push = 'subgraphs/query/src/push/push.ts';
const e2e = 'tests/e2e/web-push';

/** Mistakes in Web Push. */
export const pushMutants: readonly Mutant[] = [
  mutant(
    'a push goes to any address',
    { tests: 'packages/runtime/src/push-services', named: 'is none' },
    'packages/runtime/src/push-services.ts',
    'host.endsWith(service.slice(1)) : host === service',
    'host.endsWith(service.slice(1)) : true',
  ),
  mutant(
    'a message is pushed again with each later event',
    { tests: e2e, named: 'gets nothing twice' },
    'subgraphs/query/src/push/subscriptions.ts',
    'set pushed_up_to = $4',
    'set pushed_up_to = pushed_up_to + 0 * $4',
  ),
  mutant(
    'a repeated act is pushed again',
    { tests: e2e, named: 'gets nothing twice' },
    push,
    'newest > subscription.pushedUpTo && newest > marker',
    'newest > marker',
  ),
  mutant(
    'an edit is not pushed to those who share the post',
    { tests: 'subgraphs/query/src/push/recipients', named: 'everybody whom the model notifies' },
    'subgraphs/query/src/push/recipients.ts',
    ', ...(await sharersOf(context, event.subject))]',
    ']',
  ),
  mutant(
    'a browser that is gone is kept',
    { tests: e2e, named: 'forgotten once it is gone' },
    'subgraphs/query/src/push/sender.ts',
    'await subscriptions.remove(request.endpoint);',
    '',
  ),
];
