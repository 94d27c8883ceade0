import { type Dispatcher, request } from 'undici';

/** Redirects that are followed one after the other. */
const maxRedirects = 5;

export interface GetOptions {
  readonly headers: Readonly<Record<string, string>>;
  /** Headers that go to the origin of the first address only. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

/** Returns the address that a redirect leads to. @throws Error if it may not be followed; never tells an address */
export const nextAddress = (from: URL, location: unknown): URL => {
  const next = typeof location === 'string' ? URL.parse(location, from.href) : null;
  if (next === null || !/^https?:$/.test(next.protocol)) throw new Error('redirected to no http(s) address');
  if (from.protocol === 'https:' && next.protocol !== 'https:')
    throw new Error('redirected from https to http');
  return next;
};

/**
 * Sends a GET and follows redirects. fetch would do so too, but on another origin it drops `authorization` alone, and
 * registries take their keys in headers of other names. Once another origin was involved, no origin gets them.
 */
export const getFollowingRedirects = async (
  url: string,
  { headers, credentials, signal }: GetOptions,
): Promise<Dispatcher.ResponseData> => {
  let target = new URL(url);
  let sent = { ...headers, ...credentials };
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const response = await request(target, { headers: sent, signal });
    if (!redirectStatuses.includes(response.statusCode)) return response;
    await response.body.dump();
    const next = nextAddress(target, response.headers.location);
    if (next.origin !== target.origin) sent = { ...headers };
    target = next;
  }
  throw new Error(`redirected more than ${maxRedirects} times`);
};
