export interface Config {
  readonly host: string;
  readonly port: number;
  /** Address of the keys that the gateway signs its tokens with. */
  readonly gatewayKeysUrl: string;
}

/**
 * Reads the configuration from the environment.
 * @throws Error if a variable is missing or wrong: without the gateway's keys nobody could be refused
 */
export const readConfig = (env: NodeJS.ProcessEnv): Config => {
  const port = Number(env.PORT || 4005);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`PORT=${env.PORT} is not a port`);
  const gatewayKeysUrl = env.GATEWAY_KEYS_URL ?? '';
  if (!/^https?:$/.test(URL.parse(gatewayKeysUrl)?.protocol ?? ''))
    throw new Error(
      'GATEWAY_KEYS_URL must be the address of the gateway’s keys: http://<gateway>:4010/.well-known/gateway-keys.json',
    );
  return { host: env.HOST || '127.0.0.1', port, gatewayKeysUrl };
};
