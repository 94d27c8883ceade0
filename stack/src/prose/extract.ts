import jsTokens, { type Token } from 'js-tokens';
import type { TextKind } from './rules.ts';

/** A piece of human language in a file. `line` counts from 1. */
export interface Passage {
  readonly kind: TextKind;
  readonly line: number;
  readonly text: string;
}

const blank = (text: string) => text.replace(/[^\n]/g, ' ');
const newlines = (text: string) => text.split('\n').length - 1;

/** Removes code, names and addresses, so that rules see prose alone. Keeps the number of lines. */
const withoutCode = (text: string) =>
  text
    .replace(/`[^`]*`/g, '`x`')
    .replace(/"[^"\n]{0,80}"/g, '"x"')
    .replace(/\{@\w+[^}]*\}/g, 'x')
    .replace(/https?:\/\/\S+/g, 'x');

/** Removes the frame of a comment. Keeps the number of lines. */
const commentText = (comment: string) =>
  comment
    .replace(/^\/\*+|\*+\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\*|\/\/|#)?\s?/, ''))
    .join('\n');

/** Statements of SQL and Lua. */
const otherLanguage =
  /\blocal \w+ = |\bselect\b[\s\S]*\bfrom\b|\bupdate \S+ set\b|\bdelete from\b|\binsert into\b|\bwhere [\w.]+ (?:[=<>]|is |in |like|not|between)/i;

/** Yields a string if it is prose. SQL has a "where" of its own, and a text without spaces is a name. */
function* stringPassage(
  string: { readonly line: number; readonly text: string } | undefined,
): Generator<Passage> {
  if (string && /\s/.test(string.text.trim()) && !otherLanguage.test(string.text))
    yield { kind: 'string', line: string.line, text: withoutCode(string.text) };
}

/** Returns the comments and string literals of a TypeScript or JavaScript file. */
function scriptPassages(source: string): readonly Passage[] {
  const reader = new ScriptReader();
  for (const token of jsTokens(source)) reader.read(token);
  return reader.end();
}

/** A passage of several lines that is being read. */
interface OpenPassage {
  readonly line: number;
  text: string;
}

/** Collects the passages of a script token by token. */
class ScriptReader {
  readonly #passages: Passage[] = [];
  readonly #templates: OpenPassage[] = [];
  /** Consecutive single-line comments, which are one passage. */
  #comments: (OpenPassage & { last: number }) | undefined;
  #line = 1;

  read(token: Token): void {
    if (token.type === 'SingleLineComment') this.#readComment(commentText(token.value));
    else if (token.type === 'MultiLineComment') this.#addComment(this.#line, commentText(token.value));
    else if (token.type === 'StringLiteral' || token.type === 'NoSubstitutionTemplate')
      this.#addString({ line: this.#line, text: token.value.slice(1, -1) });
    else this.#readTemplate(token);
    this.#line += newlines(token.value);
  }

  end(): readonly Passage[] {
    this.#endComments();
    return this.#passages;
  }

  #readComment(text: string): void {
    if (this.#comments?.last === this.#line - 1) {
      this.#comments.text += `\n${text}`;
      this.#comments.last = this.#line;
      return;
    }
    this.#endComments();
    this.#comments = { line: this.#line, text, last: this.#line };
  }

  #endComments(): void {
    if (this.#comments) this.#addComment(this.#comments.line, this.#comments.text);
    this.#comments = undefined;
  }

  #readTemplate({ type, value }: Token): void {
    if (type === 'TemplateHead') this.#templates.push({ line: this.#line, text: value.slice(1, -2) });
    if (type !== 'TemplateMiddle' && type !== 'TemplateTail') return;
    const template = this.#templates.at(-1);
    if (template) template.text += `x${value.replace(/^\}|\$\{$|`$/g, '')}`;
    if (type === 'TemplateTail') this.#addString(this.#templates.pop());
  }

  #addComment(line: number, text: string): void {
    this.#passages.push({ kind: 'comment', line, text: withoutCode(text) });
  }

  #addString(string: OpenPassage | undefined): void {
    this.#passages.push(...stringPassage(string));
  }
}

/** Returns the text of a Markdown file without code blocks, tables' rules and front matter. */
function* markdownPassages(source: string): Generator<Passage> {
  const text = withoutCode(source.replace(/^```[\s\S]*?^```/gm, blank).replace(/\]\([^)]*\)/g, ']'));
  let line = 1;
  for (const block of text.split('\n')) {
    for (const cell of block.split('|')) {
      const clean = cell.replace(/^\s*(?:[-*>]|\d+\.|#+)*\s*(?:\*\*)?/, '').trim();
      if (clean !== '') yield { kind: 'markdown', line, text: clean };
    }
    line += 1;
  }
}

/** Returns the descriptions and comments of a GraphQL file. */
function* graphqlPassages(source: string): Generator<Passage> {
  for (const match of source.matchAll(/"""([\s\S]*?)"""|"((?:[^"\\\n]|\\.)*)"|^\s*#(.*)$/gm)) {
    const text = match[1] ?? match[2] ?? match[3] ?? '';
    if (/\s/.test(text.trim()))
      yield {
        kind: 'comment',
        line: 1 + newlines(source.slice(0, match.index)),
        text: withoutCode(text.trim()),
      };
  }
}

/** Returns the comments of a file in which a comment starts with `#`. */
function* hashPassages(source: string): Generator<Passage> {
  let line = 1;
  let open: { line: number; text: string } | undefined;
  for (const each of source.split('\n')) {
    const comment = /^\s*#(?!!)\s?(.*)$/.exec(each)?.[1];
    if (comment !== undefined)
      open = { line: open?.line ?? line, text: open === undefined ? comment : `${open.text}\n${comment}` };
    else if (open !== undefined) {
      yield { kind: 'comment', line: open.line, text: withoutCode(open.text) };
      open = undefined;
    }
    line += 1;
  }
  if (open !== undefined) yield { kind: 'comment', line: open.line, text: withoutCode(open.text) };
}

/** Returns all human language in a file, by the extension of its path; nothing for a kind of file without any. */
export function passages(path: string, source: string): Passage[] {
  if (/\.(?:[cm]?[jt]s|tsx)$/.test(path)) return [...scriptPassages(source)];
  if (path.endsWith('.md')) return [...markdownPassages(source)];
  if (path.endsWith('.graphql')) return [...graphqlPassages(source)];
  if (/\.(?:ya?ml|conf)$|Dockerfile$/.test(path)) return [...hashPassages(source)];
  return [];
}
