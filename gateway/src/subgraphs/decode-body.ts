import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';

/** Value of Accept-Encoding: the encodings that `decode` understands. */
export const acceptedEncodings = 'gzip, br';

const decoders = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['br', promisify(brotliDecompress)],
]);

/** No sender has a reason to compress more often. */
const maxLayers = 2;

/** An answer whose body can't be decompressed, or is too long then. */
class BodyEncodingError extends Error {
  override name = 'BodyEncodingError';
}

/**
 * Decompresses a body (RFC 9110, section 8.4).
 * @param maxBytes the most that may come out: a bomb ends there
 * @throws BodyEncodingError
 */
export const decode = async (body: Buffer, encoding: string, maxBytes: number): Promise<Buffer> => {
  const layers = encoding
    .toLowerCase()
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'identity');
  if (layers.length > maxLayers) throw new BodyEncodingError(`compressed ${layers.length} times`);
  let decoded = body;
  for (const layer of layers.reverse()) {
    const decoder = decoders.get(layer);
    if (!decoder) throw new BodyEncodingError(`the encoding ${layer} is not supported`);
    try {
      decoded = await decoder(decoded, { maxOutputLength: maxBytes });
    } catch (error) {
      throw new BodyEncodingError(`the body can't be decompressed as ${layer}`, { cause: error });
    }
  }
  return decoded;
};

/** Returns the character set that a content type names, unless it is UTF-8. */
export const foreignCharset = (contentType: string | undefined): string | undefined => {
  const charset = /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1];
  return charset === undefined || /^utf-?8$/i.test(charset) ? undefined : charset;
};

/**
 * Returns a body as text. JSON is UTF-8; a server that names another character set is believed, because its text would be
 * changed without a sign otherwise.
 * @throws RangeError if the character set is not known
 */
export const textOf = (body: Buffer, contentType: string | undefined): string => {
  const charset = foreignCharset(contentType);
  return charset === undefined ? body.toString() : new TextDecoder(charset).decode(body);
};
