import { type Credential, Credentials, type Logger, withCredential } from '@rookery/runtime';

/** The parts of an ioredis client that matter here: it reads its options again for every connection. */
interface RedisClient {
  readonly options: { username?: string | undefined; password?: string | undefined };
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
}

/** Returns whether this is a reply by which Redis refuses a credential. */
export const isRefusal = (error: Error): boolean => /^(WRONGPASS|NOAUTH|NOPERM)/.test(error.message);

/**
 * Creates a Redis client whose every connection reads the credentials of its address again, so that a password changes
 * without a restart. A connection that is open keeps its credential.
 * @param address redis://…, with `?credentials-file=/path` if the credentials are in a file
 * @throws Error if that file cannot be read
 */
export const withRedisCredentials = <Client extends RedisClient>(
  address: string,
  log: Logger,
  create: (url: string) => Client,
): Client => {
  const credentials = new Credentials(address);
  let used: Credential | undefined = credentials.pick();
  const redis = create(withCredential(credentials.url, used));
  if (credentials.file === undefined) return redis;
  redis.on('error', (error) => {
    if (isRefusal(error)) credentials.refuse(used);
  });
  redis.on('close', () => {
    try {
      used = credentials.pick();
      redis.options.username = used?.user;
      redis.options.password = used?.password;
    } catch (error) {
      log.warn({ error }, 'failed to read the credentials of Redis; connecting with the last ones');
    }
  });
  return redis;
};
