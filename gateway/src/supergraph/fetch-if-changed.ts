import { getFollowingRedirects } from './follow-redirects.ts';

export interface FetchOptions {
  /** Name of the document, for error messages. */
  readonly what: string;
  readonly accept: string;
  /** ETag of the version that is known already. */
  readonly etag: string | undefined;
  /** Headers for the origin of the address only, such as a key. */
  readonly credentials: Readonly<Record<string, string>>;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

export interface Fetched {
  readonly text: string;
  readonly etag: string | undefined;
}

/**
 * Fetches a document from a registry, or returns undefined if it is the version that is known already.
 * @throws Error if the registry does not answer it; the message tells no address and no credentials
 */
export const fetchIfChanged = async (
  url: string,
  { what, accept, etag, credentials, maxBytes, timeoutMs }: FetchOptions,
): Promise<Fetched | undefined> => {
  const { statusCode, headers, body } = await getFollowingRedirects(url, {
    headers: { accept, ...(etag === undefined ? {} : { 'if-none-match': etag }) },
    credentials,
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (statusCode !== 200) {
    await body.dump();
    if (statusCode === 304) return undefined;
    throw new Error(`the ${what}'s address answers ${statusCode}`);
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > maxBytes) throw new Error(`the ${what} is longer than ${maxBytes} bytes`);
  }
  const tag = headers.etag;
  return { text: Buffer.concat(chunks).toString('utf8'), etag: typeof tag === 'string' ? tag : undefined };
};
