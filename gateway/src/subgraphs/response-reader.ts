import { errors } from 'undici';
import { wholeBody } from '../http/whole-body.ts';
import { BodyOfChunks } from './chunked-body.ts';
import { type HttpResponse, keepAliveMs } from './http-client.ts';
import { type Head, InvalidResponseError, readHead } from './response-head.ts';

/** Longest head of a response, in bytes: as Node has it. */
const maxHeadBytes = 16_384;
const endOfHead = Buffer.from('\r\n\r\n');
/** A connection is given up so much earlier than its server does, in milliseconds. */
const keepAliveMarginMs = 2_000;
const maxKeepAliveMs = 600_000;

/** A whole response. */
export interface CompleteResponse {
  readonly response: HttpResponse;
  /** Time for which its connection may be used again, in milliseconds; 0: it must be closed. */
  readonly reusableForMs: number;
}

/** The body of a response while it is received. */
interface Body {
  /** Takes bytes. Returns how many of them belong to it once it is complete; until then, undefined. */
  take(bytes: Buffer, keep: (part: Buffer) => void): number | undefined;
}

/** A body whose length is known. */
class BodyOfLength implements Body {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  take(bytes: Buffer, keep: (part: Buffer) => void): number | undefined {
    const part = bytes.length > this.#left ? bytes.subarray(0, this.#left) : bytes;
    keep(part);
    this.#left -= part.length;
    return this.#left === 0 ? part.length : undefined;
  }
}

/** A body that ends with the connection. */
class BodyUntilEnd implements Body {
  take(bytes: Buffer, keep: (part: Buffer) => void): undefined {
    keep(bytes);
  }
}

/**
 * Reads the responses of one connection, one after the other (RFC 9112). It is strict: a response whose end is not certain is an
 * error, and after it or after bytes that nobody asked for the connection must be closed, so that no response can be
 * taken for that of another request.
 */
export class ResponseReader {
  readonly #maxBytes: number;
  /** The beginning of a head that is not complete. */
  #begun: Buffer | undefined;
  #head: Head | undefined;
  #body: Body | undefined;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Takes bytes, which the caller may overwrite afterwards. Returns the response once it is complete.
   * @throws InvalidResponseError
   */
  read(received: Buffer): CompleteResponse | undefined {
    let bytes = received;
    while (this.#body === undefined) {
      const rest = this.#readHead(bytes);
      if (rest === undefined) return undefined;
      bytes = rest;
    }
    const end = this.#body.take(bytes, this.#keep);
    if (end === undefined) return undefined;
    return this.#complete(end === bytes.length);
  }

  /**
   * Returns the response that the end of the connection completes; undefined if there is none.
   * @throws InvalidResponseError if one is incomplete
   */
  end(): CompleteResponse | undefined {
    if (this.#body instanceof BodyUntilEnd) return this.#complete(false);
    if (this.#body === undefined && this.#begun === undefined) return undefined;
    throw new InvalidResponseError('the connection ended in the middle of a response');
  }

  /** Returns what comes after a head; undefined if that is not complete. */
  #readHead(received: Buffer): Buffer | undefined {
    const bytes = this.#begun === undefined ? received : Buffer.concat([this.#begun, received]);
    const end = bytes.indexOf(endOfHead);
    if ((end === -1 ? bytes.length : end) > maxHeadBytes)
      throw new InvalidResponseError('the head of a response is too long');
    if (end === -1) {
      if (bytes.length > 0) this.#begun = Buffer.from(bytes);
      return undefined;
    }
    this.#begun = undefined;
    const head = readHead(bytes.toString('latin1', 0, end));
    const rest = bytes.subarray(end + endOfHead.length);
    // An interim response, such as 103, is followed by the response itself.
    if (head.status < 200) return rest;
    this.#head = head;
    this.#body = this.#bodyOf(head);
    return rest;
  }

  #bodyOf({ status, length, isChunked }: Head): Body {
    if (status === 204 || status === 304) return new BodyOfLength(0);
    if (isChunked) return new BodyOfChunks();
    if (length === undefined) return new BodyUntilEnd();
    if (length > this.#maxBytes) throw new errors.ResponseExceededMaxSizeError();
    return new BodyOfLength(length);
  }

  readonly #keep = (part: Buffer): void => {
    if (part.length === 0) return;
    this.#length += part.length;
    if (this.#length > this.#maxBytes) throw new errors.ResponseExceededMaxSizeError();
    this.#parts.push(Buffer.from(part));
  };

  /** @param isLast false if there are more bytes than belong to the response */
  #complete(isLast: boolean): CompleteResponse {
    const head = this.#head as Head;
    const body = wholeBody(this.#parts);
    const reusableForMs = isLast ? reusableTime(head) : 0;
    this.#head = undefined;
    this.#body = undefined;
    this.#parts = [];
    this.#length = 0;
    return { response: { status: head.status, headers: head.headers, body }, reusableForMs };
  }
}

/** Returns for how long a connection may be used again after a response, in milliseconds. */
const reusableTime = ({ status, length, isChunked, isPersistent, timeoutS }: Head): number => {
  // A body of such a response would be taken for the next response.
  if ((status === 204 || status === 304) && (isChunked || (length ?? 0) > 0)) return 0;
  if (!isPersistent) return 0;
  if (timeoutS === undefined) return keepAliveMs;
  return Math.min(Math.max(timeoutS * 1_000 - keepAliveMarginMs, 0), maxKeepAliveMs);
};
