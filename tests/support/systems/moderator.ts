import { type Answer, type Ask, overHttp } from '../clients/raw-client.ts';
import type { Account, SharedSystem } from '../index.ts';
import { ops } from '../ops.ts';

/** Begins a new session, whose token has the scopes of the account by now. */
export const logIn = (
  ask: Ask,
  { handle, password }: Pick<Account, 'handle' | 'password'>,
): Promise<Answer> =>
  ask({
    query: 'mutation ($input: LogInInput!) { logIn(input: $input) { token } }',
    variables: { input: { handle, password } },
  });

/** Returns the token of a log-in. Throws the answer if it was refused. */
export const tokenIn = ({ data, text }: Answer): string => {
  if (!data?.logIn) throw new Error(text);
  return (data.logIn as { token: string }).token;
};

/** Signs up an account that may moderate. */
export const signUpModerator = async ({
  env,
  gatewayUrl,
  signUp,
}: Pick<SharedSystem, 'env' | 'gatewayUrl' | 'signUp'>): Promise<Account> => {
  const account = await signUp();
  const { code, err } = await ops(env, 'grant', account.handle, 'moderate');
  if (code !== 0) throw new Error(err);
  return { ...account, token: tokenIn(await logIn(overHttp(gatewayUrl), account)) };
};
