import jsTokens from 'js-tokens';
import { type MetricType, problemOfMetric, problemOfPath, replacedNames } from './rules.ts';

/** A name that breaks a rule. `line` counts from 1. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly name: string;
  readonly use: string;
}

interface Word {
  readonly text: string;
  readonly line: number;
}

/** Returns the tokens of a script without comments and white space. */
const wordsOf = (source: string): Word[] => {
  const words: Word[] = [];
  let line = 1;
  for (const { type, value } of jsTokens(source)) {
    if (!/Comment$|^WhiteSpace$|^LineTerminatorSequence$/.test(type)) words.push({ text: value, line });
    line += value.split('\n').length - 1;
  }
  return words;
};

const isError = (name: string): boolean => name.endsWith('Error');
const isMetricType = (name: string): name is MetricType => /^(?:Counter|Gauge|Histogram)$/.test(name);

/** Returns the name of the class that a declaration extends, if this word is the name of a declared class. */
const superclassAt = (words: readonly Word[], i: number): string | undefined => {
  if (words[i - 1]?.text !== 'class') return undefined;
  const end = words.findIndex(({ text }, at) => at > i && (text === '{' || text === 'extends'));
  return words[end]?.text === 'extends' ? words[end + 1]?.text : undefined;
};

/** Returns the literal name of the metric that `new` creates at this word. */
const metricAt = (words: readonly Word[], i: number): string | undefined => {
  if (words[i - 1]?.text !== 'new') return undefined;
  const open = words.findIndex(({ text }, at) => at > i && text === '{');
  const [key, , value] = words.slice(open + 1, open + 4).map(({ text }) => text);
  return key === 'name' && value?.startsWith("'") ? value.slice(1, -1) : undefined;
};

/** Returns what is wrong with the metric that is created at this word, and the name of the metric. */
const wrongMetricAt = (words: readonly Word[], i: number): { name: string; use: string } | undefined => {
  const type = words[i]?.text ?? '';
  if (!isMetricType(type)) return undefined;
  const name = metricAt(words, i);
  const use = name === undefined ? undefined : problemOfMetric(type, name);
  return name === undefined || use === undefined ? undefined : { name, use };
};

/** Returns what is wrong with the name at this word. */
const wrongNameAt = (words: readonly Word[], i: number): { name: string; use: string } | undefined => {
  const name = (words[i]?.text ?? '').replace(/^#/, '');
  const use = Object.hasOwn(replacedNames, name) ? replacedNames[name] : undefined;
  if (use !== undefined) return { name, use };
  const superclass = superclassAt(words, i);
  return superclass !== undefined && isError(superclass) && !isError(name)
    ? { name, use: 'end the name of an error class in Error' }
    : undefined;
};

function* inScript(path: string, source: string): Generator<Finding> {
  const words = wordsOf(source);
  const isTest = /\.test\.ts$/.test(path);
  for (const [i, { line }] of words.entries()) {
    const wrong = wrongNameAt(words, i) ?? (isTest ? undefined : wrongMetricAt(words, i));
    if (wrong !== undefined) yield { path, line, ...wrong };
  }
}

/** Returns the findings in the path and the code of one file, in the order of its lines. */
export const findingsIn = (path: string, source: string): Finding[] => {
  const problem = problemOfPath(path);
  return [
    ...(problem === undefined ? [] : [{ path, line: 1, name: path, use: problem }]),
    ...(/\.(?:ts|mts|js|mjs)$/.test(path) ? inScript(path, source) : []),
  ];
};
