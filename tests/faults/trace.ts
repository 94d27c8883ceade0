import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Events of a run, one per line, in a file that outlives the run. */
export interface Trace {
  readonly file: string;
  write(kind: string, what: object): void;
  /** Keeps a log beside it. */
  attach(name: string, text: string): void;
}

/** Kinds of lines that must survive a kill of the run. */
const flushed: ReadonlySet<string> = new Set(['broken', 'fault', 'episode', 'skipped', 'not run']);

export const openTrace = (dir: string, name: string): Trace => {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `${name}.jsonl`);
  writeFileSync(file, '');
  const begin = performance.now();
  let lines: string[] = [];
  const flush = (): void => {
    if (lines.length > 0) appendFileSync(file, lines.join(''));
    lines = [];
  };
  process.once('exit', flush);
  return {
    file,
    write(kind, what) {
      lines.push(`${JSON.stringify({ at: Math.round(performance.now() - begin), kind, ...what })}\n`);
      if (lines.length > 200 || flushed.has(kind)) flush();
    },
    attach: (part, text) => writeFileSync(join(dir, `${name}.${part}.log`), text),
  };
};
