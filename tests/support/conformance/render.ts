import type { Asked } from './queries.ts';

/** Value of an argument: a literal, or a variable with its definition and, unless absent, its value. */
export type Value = { readonly isEnum: boolean } & (
  | { readonly literal: unknown }
  | { readonly variable: string; readonly type: string; readonly standard: unknown; readonly given?: unknown }
);

/** A part of a selection: a field, or a fragment on a type. */
export interface Part {
  readonly name?: string;
  readonly alias?: string | undefined;
  readonly on?: string;
  readonly isNamed?: boolean;
  readonly args: readonly (readonly [name: string, value: Value])[];
  readonly directives: readonly (readonly [name: string, condition: Value])[];
  readonly parts?: readonly Part[];
}

const literal = (value: unknown, isEnum: boolean): string =>
  isEnum && value !== null ? String(value) : JSON.stringify(value);

/** Prints an operation with the definitions of its fragments and variables. */
export const render = (kind: string, parts: readonly Part[]): Asked => {
  const definitions = new Map<string, string>();
  const variables: Record<string, unknown> = {};
  const fragments = new Map<string, string>();

  const value = (each: Value): string => {
    if ('literal' in each) return literal(each.literal, each.isEnum);
    const standard = each.standard === undefined ? '' : ` = ${literal(each.standard, each.isEnum)}`;
    const definition = `${each.type}${standard}`;
    let name = each.variable;
    // Renames a variable if the name is taken by another definition.
    while (definitions.has(name) && definitions.get(name) !== definition) name += '1';
    if (!definitions.has(name)) {
      definitions.set(name, definition);
      if ('given' in each) variables[name] = each.given;
    }
    return `$${name}`;
  };
  const conditions = (all: Part['directives']): string =>
    all.map(([name, condition]) => ` @${name}(if: ${value(condition)})`).join('');
  const selection = (all: readonly Part[]): string => `{ ${all.map(part).join(' ')} }`;
  const part = ({ name, alias, on, isNamed, args, directives, parts: below = [] }: Part): string => {
    const where = conditions(directives);
    const set = below.length > 0 ? ` ${selection(below)}` : '';
    if (on === undefined) {
      const given = args.map(([key, each]) => `${key}: ${value(each)}`).join(', ');
      return `${alias === undefined ? '' : `${alias}: `}${name}${given === '' ? '' : `(${given})`}${where}${set}`;
    }
    if (!isNamed) return `... on ${on}${where}${set}`;
    const body = ` on ${on}${set}`;
    const known = fragments.get(body) ?? `F${fragments.size}`;
    fragments.set(body, known);
    return `...${known}${where}`;
  };

  const whole = selection(parts);
  const defined = [...definitions].map(([name, type]) => `$${name}: ${type}`).join(', ');
  return {
    query: [
      `${kind}${defined === '' ? '' : ` (${defined})`} ${whole}`,
      ...[...fragments].map(([body, name]) => `fragment ${name}${body}`),
    ].join('\n'),
    variables,
  };
};
