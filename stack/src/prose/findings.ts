import { passages } from './extract.ts';
import { type Rule, rules } from './rules.ts';

/** A place that breaks a rule. `line` counts from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: Rule;
  readonly text: string;
}

/** Splits a passage into sentences and keeps the line on which each starts. */
function* sentences(text: string, line: number): Generator<{ text: string; line: number }> {
  let at = 0;
  for (const part of text.split(/(?<=[.!?:;])\s+(?=[A-Z@])|\n\s*\n|\n(?=\s*(?:[-*]|@\w+)\s)/)) {
    const start = text.indexOf(part, at);
    at = start + part.length;
    const clean = part.trim();
    if (clean === '') continue;
    const lead = part.length - part.trimStart().length;
    yield { text: clean, line: line + text.slice(0, start + lead).split('\n').length - 1 };
  }
}

/** Returns the findings in one file, in the order of its lines. */
export function findingsIn(path: string, source: string): Finding[] {
  const found: Finding[] = [];
  for (const passage of passages(path, source))
    for (const sentence of sentences(passage.text, passage.line))
      for (const rule of rules)
        if (rule.kinds.includes(passage.kind) && rule.pattern.test(sentence.text))
          found.push({
            path,
            line: sentence.line,
            rule,
            text: sentence.text.replace(/\s+/g, ' ').slice(0, 100),
          });
  return found;
}
