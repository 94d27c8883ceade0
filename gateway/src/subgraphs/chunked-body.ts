import { InvalidResponseError } from './response-head.ts';

/** Longest line with the size of a chunk, and longest trailer, in bytes. */
const maxLineBytes = 1_024;
const maxTrailerBytes = 16_384;
const lineFeed = 0x0a;
const sizeLine = /^([\dA-Fa-f]{1,8})(?:[\t ]*;[\t\x20-\x7e\x80-\xff]*)?$/;

/** Parts of a chunk, in their order. After the last chunk comes the trailer. */
type Part = 'size' | 'data' | 'end of data' | 'trailer';

/** The body of a response in chunks (RFC 9112, section 7.1), while it is received. Trailers are dropped. */
export class BodyOfChunks {
  #part: Part = 'size';
  /** The beginning of a line that is not complete. */
  #line = '';
  /** Bytes of the current chunk that are still to come. */
  #left = 0;
  #trailerBytes = 0;

  /**
   * Takes bytes. Returns how many of them belong to it once it is complete; until then, undefined.
   * @throws InvalidResponseError
   */
  take(bytes: Buffer, keep: (part: Buffer) => void): number | undefined {
    let at = 0;
    while (at < bytes.length) {
      if (this.#part === 'data') {
        at += this.#takeData(bytes.subarray(at, at + this.#left), keep);
        continue;
      }
      const feed = bytes.indexOf(lineFeed, at);
      this.#takeLine(bytes.toString('latin1', at, feed === -1 ? bytes.length : feed));
      if (feed === -1) return undefined;
      at = feed + 1;
      if (this.#endLine()) return at;
    }
    return undefined;
  }

  #takeData(data: Buffer, keep: (part: Buffer) => void): number {
    keep(data);
    this.#left -= data.length;
    if (this.#left === 0) this.#part = 'end of data';
    return data.length;
  }

  #takeLine(text: string): void {
    this.#line += text;
    if (this.#line.length > (this.#part === 'trailer' ? maxTrailerBytes : maxLineBytes))
      throw new InvalidResponseError('a line of a body in chunks is too long');
  }

  /** Returns whether the body is complete. */
  #endLine(): boolean {
    const line = this.#line.slice(0, -1);
    if (!this.#line.endsWith('\r') || line.includes('\r'))
      throw new InvalidResponseError('a line of a body in chunks does not end as it should');
    this.#line = '';
    switch (this.#part) {
      case 'size':
        this.#begin(line);
        return false;
      case 'end of data':
        if (line !== '') throw new InvalidResponseError('a chunk is longer than its size');
        this.#part = 'size';
        return false;
      default:
        this.#trailerBytes += line.length;
        if (this.#trailerBytes > maxTrailerBytes) throw new InvalidResponseError('a trailer is too long');
        return line === '';
    }
  }

  #begin(line: string): void {
    const size = sizeLine.exec(line)?.[1];
    if (size === undefined) throw new InvalidResponseError('the size of a chunk is not a number');
    this.#left = Number.parseInt(size, 16);
    this.#part = this.#left === 0 ? 'trailer' : 'data';
  }
}
