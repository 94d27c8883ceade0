import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { pipeline as join, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip, createGzip } from 'node:zlib';
import { measure, type PartFile } from './manifest.ts';

/** Writes JSON lines, compressed; the file is whole or not there. Memory is bounded by what the source holds. */
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
  // Readers only need gzip, which is everywhere; who may read it is the owner alone.
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

/** The lines of such a file, one by one. @throws where the file is cut off or is no such file */
export async function* readLines(dir: string, file: string): AsyncGenerator<unknown> {
  // Joined, so that what goes wrong in any part ends the iteration; nobody else is to be told.
  const text = join(createReadStream(`${dir}/${file}`), createGunzip(), () => {}).setEncoding('utf8');
  let rest = '';
  for await (const chunk of text) {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield JSON.parse(line);
  }
  if (rest !== '') yield JSON.parse(rest);
}
