import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '@rookery/command-line';
import { messageOf } from '../compose/probe.ts';

/** @throws InputError unless the folder is missing, or holds nothing but a new git repository */
export const checkFolder = (folder: string): void => {
  if (!existsSync(folder)) return;
  let entries: string[];
  try {
    entries = readdirSync(folder);
  } catch (error) {
    throw new InputError(`failed to read ${folder}: ${messageOf(error)}`);
  }
  if (entries.some((name) => name !== '.git'))
    throw new InputError(`${folder} is not empty: name another folder with --out`);
};

/** Writes files into a folder, and overwrites none. @throws InputError */
export const writeFiles = (folder: string, files: ReadonlyMap<string, string | Buffer>): void => {
  try {
    for (const [path, content] of files) {
      const target = join(folder, path);
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, content, { flag: 'wx' });
    }
  } catch (error) {
    throw new InputError(`failed to write ${folder}: ${messageOf(error)}`);
  }
};
