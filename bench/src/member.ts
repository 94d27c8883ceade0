import { GatewayClient } from './gateway-client.ts';

/** Password of everybody in a network that is made in bulk. */
export const password = 'a network of people';

/** Somebody of the network who has logged in. */
export interface Member {
  readonly id: string;
  readonly client: GatewayClient;
}

/** Logs in somebody of a network that is made in bulk. The caller disposes of the client. */
export const logIn = async (gatewayUrl: string, handle: string): Promise<Member> => {
  await using anonymous = new GatewayClient(gatewayUrl);
  const answer = await anonymous.ask<{ logIn: { token: string; user: { id: string } } }>(
    'mutation ($input: LogInInput!) { logIn(input: $input) { token user { id } } }',
    { input: { handle, password } },
  );
  const { user, token } = answer.logIn;
  return { id: user.id, client: new GatewayClient(gatewayUrl, token) };
};
