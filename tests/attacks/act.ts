import type { Answer, Ask } from '../support/clients/raw-client.ts';
import type { Account } from '../support/index.ts';

/** Asks for a command as this account. @param type of its input */
export const act = (ask: Ask, by: Account, field: string, type: string, input: object): Promise<Answer> =>
  ask(
    {
      query: `mutation ($input: ${type}!) { ${field}(input: $input) { activity { id } } }`,
      variables: { input },
    },
    by.token,
  );

/** Returns the activity of a command; empty if it was refused. */
export const activityOf = ({ data }: Pick<Answer, 'data'>, field: string): string =>
  (data as Record<string, { activity: { id: string } }>)[field]?.activity.id ?? '';
