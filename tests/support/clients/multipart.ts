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
  const reader = new PartReader(boundary);
  const ended = readAll(body, reader);
  ended.catch(() => {});
  return { contentType, parts: reader.parts, isClosed: () => reader.isClosed, ended };
};

const readAll = async (body: AsyncIterable<Uint8Array>, reader: PartReader): Promise<void> => {
  const decoder = new TextDecoder();
  const chunks = body[Symbol.asyncIterator]();
  for (;;) {
    // A connection that is cut off is an end as well.
    const { done, value } = await chunks.next().catch(() => ({ done: true, value: undefined }));
    if (done || value === undefined) return;
    reader.read(decoder.decode(value, { stream: true }));
  }
};

const header = '\r\ncontent-type: application/json\r\n\r\n';

class PartReader {
  readonly parts: unknown[] = [];
  isClosed = false;
  readonly #delimiter: string;
  #hasBegun = false;
  #unread = '';

  constructor(boundary: string) {
    this.#delimiter = `\r\n--${boundary}`;
  }

  /** @throws Error if the text is not what the standard says */
  read(text: string): void {
    this.#unread += text;
    let at = this.#unread.indexOf(this.#delimiter);
    while (at >= 0) {
      const part = this.#unread.slice(0, at);
      this.#unread = this.#unread.slice(at + this.#delimiter.length);
      this.#readPart(part);
      at = this.#unread.indexOf(this.#delimiter);
    }
    if (!this.#hasBegun || !this.#unread.startsWith('--\r\n')) return;
    this.isClosed = true;
    if (this.#unread !== '--\r\n') throw new Error(`after the end: ${this.#unread}`);
  }

  /** Reads the text before a delimiter. */
  #readPart(part: string): void {
    if (!this.#hasBegun) {
      if (part !== '') throw new Error(`a preamble: ${part}`);
      this.#hasBegun = true;
      return;
    }
    if (!part.startsWith(header)) throw new Error(`not a part of JSON: ${part}`);
    this.parts.push(JSON.parse(part.slice(header.length)));
  }
}

/** The parts without heartbeats. */
export const payloads = ({ parts }: MultipartBody): unknown[] =>
  parts.filter((part) => JSON.stringify(part) !== '{}');
