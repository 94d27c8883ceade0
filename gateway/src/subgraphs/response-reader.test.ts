import fc from 'fast-check';
import { errors } from 'undici';
import { describe, expect, test } from 'vitest';
import { InvalidResponseError } from './response-head.ts';
import { type CompleteResponse, ResponseReader } from './response-reader.ts';

const maxBytes = 1_000;

/** Reads a text that comes in these pieces, and then the end of the connection. */
const readAll = (pieces: readonly Buffer[]): CompleteResponse[] => {
  const reader = new ResponseReader(maxBytes);
  const found: CompleteResponse[] = [];
  for (const piece of pieces) {
    // The next read overwrites it.
    const reused = Buffer.from(piece);
    const complete = reader.read(reused);
    reused.fill('!');
    if (complete) found.push(complete);
  }
  const last = reader.end();
  return last ? [...found, last] : found;
};
const read = (text: string) => readAll([Buffer.from(text, 'latin1')]);

const ok = 'HTTP/1.1 200 OK\r\n';
const responses: readonly [what: string, text: string, body: string, reusableForMs: number][] = [
  ['of a known length', `${ok}content-length: 2\r\n\r\n{}`, '{}', 30_000],
  ['without a body', `${ok}Content-Length: 0\r\n\r\n`, '', 30_000],
  ['of a status that has no body', 'HTTP/1.1 204 No Content\r\n\r\n', '', 30_000],
  ['with a length that its status does not have', 'HTTP/1.1 204 \r\ncontent-length: 2\r\n\r\n', '', 0],
  ['without a reason', 'HTTP/1.1 200\r\ncontent-length: 1\r\n\r\nx', 'x', 30_000],
  ['that closes', `${ok}content-length: 2\r\nconnection: Close\r\n\r\n{}`, '{}', 0],
  ['that ends with its connection', `${ok}\r\n{"a":1}`, '{"a":1}', 0],
  ['of HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\n{}', '{}', 0],
  [
    'of HTTP/1.0 that keeps its connection',
    'HTTP/1.0 200 OK\r\ncontent-length: 2\r\nconnection: keep-alive\r\n\r\n{}',
    '{}',
    30_000,
  ],
  ['with a time-out', `${ok}content-length: 2\r\nKeep-Alive: timeout=5, max=9\r\n\r\n{}`, '{}', 3_000],
  ['with a time-out too short to use', `${ok}content-length: 2\r\nkeep-alive: timeout=1\r\n\r\n{}`, '{}', 0],
  [
    'in chunks',
    `${ok}Transfer-Encoding: Chunked\r\n\r\n1\r\n{\r\nA;x="y"\r\n0123456789\r\n0\r\n\r\n`,
    '{0123456789',
    30_000,
  ],
  [
    'in chunks with a trailer',
    `${ok}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\na: b\r\nc: d\r\n\r\n`,
    '{}',
    30_000,
  ],
  [
    'after an interim response',
    `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${ok}content-length: 2\r\n\r\n{}`,
    '{}',
    30_000,
  ],
  ['with more bytes than it has', `${ok}content-length: 2\r\n\r\n{}HTTP`, '{}', 0],
];

describe('a response', () => {
  test.each(responses)('%s is read, however it is divided', (_what, text, body, reusableForMs) => {
    const whole = Buffer.from(text, 'latin1');
    const expected = [[body, reusableForMs]];
    const seen = (found: readonly CompleteResponse[]) =>
      found.map((each) => [String(each.response.body), each.reusableForMs]);
    expect(seen(read(text))).toEqual(expected);
    if (text.endsWith('{}HTTP')) return;
    expect(seen(readAll([...whole].map((byte) => Buffer.of(byte))))).toEqual(expected);
    for (let at = 0; at <= whole.length; at++)
      expect(seen(readAll([whole.subarray(0, at), whole.subarray(at)]))).toEqual(expected);
  });

  test.each([
    ['with another length than it says twice', `${ok}content-length: 2\r\ncontent-length: 3\r\n\r\n{}`],
    ['with two equal lengths', `${ok}content-length: 2\r\ncontent-length: 2\r\n\r\n{}`],
    ['with a length and chunks', `${ok}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`],
    ['with another coding', `${ok}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
    ['in chunks of HTTP/1.0', 'HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n'],
    ['with a sign before its length', `${ok}content-length: +2\r\n\r\n{}`],
    ['with a length in hex', `${ok}content-length: 0x2\r\n\r\n{}`],
    ['with no length', `${ok}content-length: \r\n\r\n{}`],
    ['with a space before a colon', `${ok}content-length : 2\r\n\r\n{}`],
    ['with a header over two lines', `${ok}a: b\r\n c\r\ncontent-length: 2\r\n\r\n{}`],
    ['with a line that is no header', `${ok}nothing\r\ncontent-length: 2\r\n\r\n{}`],
    ['with bare line feeds', 'HTTP/1.1 200 OK\ncontent-length: 2\n\n{}\r\n\r\n'],
    ['with a bare carriage return', `${ok}a: b\rcontent-length: 2\r\n\r\n{}`],
    ['with a NUL', `${ok}a: \0\r\ncontent-length: 2\r\n\r\n{}`],
    ['of HTTP/2', 'HTTP/2 200 OK\r\ncontent-length: 2\r\n\r\n{}'],
    ['of no status', 'HTTP/1.1 OK\r\n\r\n'],
    ['of status 99', 'HTTP/1.1 099 No\r\n\r\n'],
    ['that asks for more of the request', 'HTTP/1.1 100 Continue\r\n\r\n'],
    ['of another protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n'],
    ['that ends in its head', `${ok}content-le`],
    ['that ends in its body', `${ok}content-length: 3\r\n\r\n{}`],
    ['that ends in a chunk', `${ok}transfer-encoding: chunked\r\n\r\n3\r\n{}`],
    ['that ends before its last chunk', `${ok}transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n`],
    ['with a chunk longer than its size', `${ok}transfer-encoding: chunked\r\n\r\n1\r\n{}\r\n0\r\n\r\n`],
    ['with a chunk of no size', `${ok}transfer-encoding: chunked\r\n\r\n\r\n{}\r\n0\r\n\r\n`],
    ['with a chunk of a negative size', `${ok}transfer-encoding: chunked\r\n\r\n-1\r\n{}\r\n0\r\n\r\n`],
    ['with chunks between line feeds', `${ok}transfer-encoding: chunked\r\n\r\n2\n{}\n0\n\n`],
    ['with a head without end', `${ok}a: ${'b'.repeat(20_000)}`],
    ['with a size without end', `${ok}transfer-encoding: chunked\r\n\r\n1;${'b'.repeat(2_000)}`],
    ['with trailers without end', `${ok}transfer-encoding: chunked\r\n\r\n0\r\n${'a: b\r\n'.repeat(5_000)}`],
  ])('%s is refused', (_what, text) => {
    expect(() => read(text)).toThrow(InvalidResponseError);
  });

  test.each([
    ['by its length', `${ok}content-length: 1001\r\n\r\n`],
    ['in chunks', `${ok}transfer-encoding: chunked\r\n\r\n3e9\r\n${'x'.repeat(1_001)}`],
    ['until the end of its connection', `${ok}\r\n${'x'.repeat(1_001)}`],
  ])('that is too long is refused: %s', (_what, text) => {
    expect(() => read(text)).toThrow(errors.ResponseExceededMaxSizeError);
  });

  test('keeps each header, by its name in lower case, and each value of one that came twice', () => {
    const [found] = read(`${ok}A:  b \r\nX-Y: \xe9\r\na: c\r\n__proto__: d\r\ncontent-length: 0\r\n\r\n`);
    expect(Object.entries(found?.response.headers ?? {})).toEqual([
      ['a', ['b', 'c']],
      ['x-y', 'é'],
      ['__proto__', 'd'],
      ['content-length', '0'],
    ]);
  });
});

test('responses of one connection are told apart, whatever they contain and however they come', () => {
  const body = fc.oneof(
    fc.string({ maxLength: 50 }),
    fc.constant('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'),
  );
  const response = fc.record({
    body,
    chunks: fc.option(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 })),
  });
  fc.assert(
    fc.property(
      fc.array(response, { minLength: 1, maxLength: 5 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 40 })),
      (all, sizes) => {
        const reader = new ResponseReader(maxBytes);
        for (const { body, chunks } of all) {
          const bytes = messageOf(Buffer.from(body), chunks);
          let found: CompleteResponse | undefined;
          for (let at = 0; at < bytes.length; ) {
            expect(found).toBeUndefined();
            const size = sizes.next().value;
            found = reader.read(bytes.subarray(at, at + size));
            at += size;
          }
          expect(String(found?.response.body)).toBe(body);
          expect(found?.reusableForMs).toBeGreaterThan(0);
        }
      },
    ),
  );
});

/** Returns a response of this body, in chunks of these sizes in turn. */
const messageOf = (body: Buffer, chunks: readonly number[] | null): Buffer => {
  if (chunks === null)
    return Buffer.concat([Buffer.from(`${ok}content-length: ${body.length}\r\n\r\n`), body]);
  const parts: Buffer[] = [Buffer.from(`${ok}transfer-encoding: chunked\r\n\r\n`)];
  for (let at = 0, n = 0; at < body.length; n++) {
    const chunk = body.subarray(at, at + (chunks[n % chunks.length] ?? 1));
    parts.push(Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from('\r\n'));
    at += chunk.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
};
