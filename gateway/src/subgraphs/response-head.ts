import { headerName } from './http-client.ts';

/** A response that is no valid HTTP/1.1, or whose end is not certain. */
export class InvalidResponseError extends Error {
  override name = 'InvalidResponseError';
}

/** Status line and headers of a response. */
export interface Head {
  readonly status: number;
  /** By name in lower case; a list if a header came more than once. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** Value of Content-Length. */
  readonly length: number | undefined;
  /** True if the body comes in chunks. */
  readonly isChunked: boolean;
  /** True if the server keeps the connection open. */
  readonly isPersistent: boolean;
  /** Time for which the server keeps it open, in seconds, if it says so. */
  readonly timeoutS: number | undefined;
}

/** Matches what no head may contain: control characters, and ends of lines that other readers would see differently. */
const forbidden = /[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n/;
const statusLine = /^HTTP\/1\.([01]) ([1-5]\d\d)(?: |$)/;

/** Number of heads that are remembered; then they are forgotten. And the longest of them, in characters. */
const maxHeads = 100;
const maxRemembered = 1_000;

/** By their text. Most heads of a server are equal for as long as their Date is: a second. */
const heads = new Map<string, Head>();

/**
 * Reads the head of a response (RFC 9112), without the empty line at its end.
 * @throws InvalidResponseError
 */
export const readHead = (text: string): Head => {
  const known = heads.get(text);
  if (known !== undefined) return known;
  const head = parseHead(text);
  if (heads.size >= maxHeads) heads.clear();
  if (text.length <= maxRemembered) heads.set(text, head);
  return head;
};

const parseHead = (text: string): Head => {
  if (forbidden.test(text)) throw new InvalidResponseError('a head contains a forbidden character');
  const [first = '', ...lines] = text.split('\r\n');
  const [, minor, status] = statusLine.exec(first) ?? [];
  if (status === undefined) throw new InvalidResponseError('not a response of HTTP/1.1');
  const headers = readHeaders(lines);
  // An upgrade that nobody asked for, or a question that nobody has asked: what follows is no response.
  if (status === '100' || status === '101') throw new InvalidResponseError(`unexpected status ${status}`);
  const isFirstVersion = minor === '0';
  const isChunked = readTransferEncoding(headers, isFirstVersion);
  const connection = wordsOf(headers.connection);
  return {
    status: Number(status),
    headers,
    length: readLength(headers['content-length']),
    isChunked,
    isPersistent: !connection.includes('close') && (!isFirstVersion || connection.includes('keep-alive')),
    timeoutS: readTimeout(headers['keep-alive']),
  };
};

const readHeaders = (lines: readonly string[]): Record<string, string | string[]> => {
  const headers: Record<string, string | string[]> = Object.create(null);
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // This refuses values that continue on another line too.
    if (!headerName.test(name)) throw new InvalidResponseError('a line of a head is not a header');
    const key = name.toLowerCase();
    const value = line.slice(colon + 1).trim();
    const known = headers[key];
    headers[key] = known === undefined ? value : [known, value].flat();
  }
  return headers;
};

/** Returns whether the body comes in chunks. */
const readTransferEncoding = (
  { 'transfer-encoding': coding, 'content-length': length }: Record<string, string | string[]>,
  isFirstVersion: boolean,
): boolean => {
  if (coding === undefined) return false;
  if (length !== undefined || isFirstVersion || String(coding).toLowerCase() !== 'chunked')
    throw new InvalidResponseError('the length of a body is not certain');
  return true;
};

const readLength = (value: string | string[] | undefined): number | undefined => {
  if (value === undefined) return undefined;
  if (typeof value !== 'string' || !/^\d{1,15}$/.test(value))
    throw new InvalidResponseError('Content-Length is not a number');
  return Number(value);
};

const wordsOf = (value: string | string[] | undefined): readonly string[] =>
  value === undefined
    ? []
    : String(value)
        .toLowerCase()
        .split(',')
        .map((word) => word.trim());

const readTimeout = (value: string | string[] | undefined): number | undefined => {
  const seconds = /(?:^|[\s,])timeout=(\d{1,9})/i.exec(String(value ?? ''))?.[1];
  return seconds === undefined ? undefined : Number(seconds);
};
