import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cloneDir } from '@rookery/stack';
import type { Catcher } from './define.ts';

/** Text of a literal: titles of tests, and the rows from which others are made. */
const literal = /'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`/g;
/** Place of a title that is filled in when the test is made: `$name`, `%s`, or a template's `${…}`. */
const placeholder = /\$\{[^}]*\}|\$[\w.]+|%[sdifjo]/;
/** Shorter fixed parts of a title are in too many texts. */
const minLength = 8;

const fixedParts = (source: string): string[] =>
  [...source.matchAll(literal)]
    .flatMap((match) => (match[1] ?? match[2] ?? match[3] ?? '').replace(/\\(.)/g, '$1').split(placeholder))
    .map((part) => part.trim());

/** Returns whether a test of these files has a title with this text, as far as the files tell. */
export const hasTitle = ({ tests, named }: Extract<Catcher, { readonly tests: string }>): boolean =>
  globSync(`${dirname(tests)}/**/*.test.ts`, { cwd: cloneDir })
    .filter((file) => file.includes(tests))
    .flatMap((file) => fixedParts(readFileSync(join(cloneDir, file), 'utf8')))
    .some((part) => part.includes(named) || (part.length >= minLength && named.includes(part)));
