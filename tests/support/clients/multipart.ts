/** A multipart response, read while it comes. */
export interface MultipartBody {
  readonly contentType: string;
  /** JSON of the parts so far. */
  readonly parts: readonly unknown[];
  /** Returns whether the closing delimiter came. */
  readonly isClosed: () => boolean;
  /** Resolves when the response has ended, whether it was closed or cut off. */
  readonly ended: Promise<void>;
}

/**
 * Reads a response as RFC 2046, section 5.1.1, defines it, and as strictly as the strictest client: a part counts once
 * the delimiter after it is there, its only header is `content-type: application/json`, letter by letter, and nothing
 * follows the closing delimiter.
 * @throws Error (by `ended`) if the response is something else
 */
export const readMultipart = (contentType: string, body: AsyncIterable<Uint8Array>): MultipartBody => {
  const boundary = /^multipart\/mixed;boundary="([^"]+)";subscriptionSpec=1\.0$/.exec(contentType)?.[1];
  if (boundary === undefined) throw new Error(`not a multipart subscription: ${contentType}`);
  const delimiter = `\r\n--${boundary}`;
  const header = '\r\ncontent-type: application/json\r\n\r\n';
  const parts: unknown[] = [];
  let closed = false;
  let begun = false;
  let unread = '';

  const take = (): void => {
    for (let at = unread.indexOf(delimiter); at >= 0; at = unread.indexOf(delimiter)) {
      const part = unread.slice(0, at);
      unread = unread.slice(at + delimiter.length);
      if (!begun && part !== '') throw new Error(`a preamble: ${part}`);
      if (begun && !part.startsWith(header)) throw new Error(`not a part of JSON: ${part}`);
      if (begun) parts.push(JSON.parse(part.slice(header.length)));
      begun = true;
    }
    if (begun && unread.startsWith('--\r\n')) {
      closed = true;
      if (unread !== '--\r\n') throw new Error(`after the end: ${unread}`);
    }
  };
  const ended = (async () => {
    const decoder = new TextDecoder();
    const chunks = body[Symbol.asyncIterator]();
    for (;;) {
      // A connection that is cut off is an end as well.
      const { done, value } = await chunks.next().catch(() => ({ done: true, value: undefined }));
      if (done || value === undefined) return;
      unread += decoder.decode(value, { stream: true });
      take();
    }
  })();
  ended.catch(() => {});
  return { contentType, parts, isClosed: () => closed, ended };
};

/** The parts without heartbeats. */
export const payloads = ({ parts }: MultipartBody): unknown[] =>
  parts.filter((part) => JSON.stringify(part) !== '{}');
