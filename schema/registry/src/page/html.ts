/** Text that may be sent as HTML: a template in which every value was escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | null | undefined | false | Html | readonly Value[];

/** Characters that reorder what follows, so that a text would look like another one. */
const reordering = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const escapeText = (text: string): string =>
  text
    .replace(/[&<>"'`]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replace(
      reordering,
      (character) => `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`,
    );

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

const render = (value: Value): string => {
  if (value instanceof Html) return value.text;
  if (isList(value)) return value.map(render).join('');
  if (value === null || value === undefined || value === false) return '';
  return escapeText(String(value));
};

/**
 * Makes HTML or SVG from a template. Values are escaped unless they are HTML themselves; null, undefined and false are nothing.
 * A value in an attribute needs quotes around it.
 */
export const html = (parts: TemplateStringsArray, ...values: readonly Value[]): Html =>
  new Html(String.raw({ raw: parts }, ...values.map(render)));
