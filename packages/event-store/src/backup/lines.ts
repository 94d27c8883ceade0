import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline as join, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { measure, type PartFile } from './manifest.ts';

/**
 * Writes compressed JSON lines. The file appears only once it is complete. Memory is bounded by the items of
 * the source.
 */
export const writeLines = async (
  dir: string,
  file: string,
  source: AsyncIterable<unknown>,
): Promise<PartFile> => {
  const path = `${dir}/${file}`;
  let rows = 0;
  const lines = async function* () {
    for await (const one of source) {
      rows += 1;
      yield `${JSON.stringify(one)}\n`;
    }
  };
  // Uses gzip, which is available everywhere. Only the owner can read the file.
  await pipeline(
    Readable.from(lines()),
    createGzip({ level: 4 }),
    createWriteStream(`${path}.new`, { mode: 0o600 }),
  );
  const handle = await open(`${path}.new`, 'r+');
  await handle.sync();
  await handle.close();
  await rename(`${path}.new`, path);
  return { file, rows, ...(await measure(path)) };
};

/**
 * Yields the lines of such a file.
 * @throws if the file is truncated or invalid
 */
export async function* readLines(dir: string, file: string): AsyncGenerator<unknown> {
  // Joined, so that an error in any part ends the iteration.
  const text = join(createReadStream(`${dir}/${file}`), createGunzip(), () => {}).setEncoding('utf8');
  let rest = '';
  for await (const chunk of text) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest !== '') yield JSON.parse(rest);
}
