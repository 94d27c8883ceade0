import { z } from 'zod';
import { parseJson } from '../check/json-input.ts';
import { readFrom } from '../compose/subgraph-files.ts';

const severity = z.enum(['off', 'warn', 'error']);

/** Returns the setting of a rule: its severity, or that with its options. */
const setting = <Options extends z.ZodType>(options: Options) =>
  z.union([severity, z.tuple([severity, options])]).optional();

const style = z.enum(['camelCase', 'PascalCase', 'UPPER_CASE', 'snake_case']);
export type NameStyle = z.output<typeof style>;

const namingOptions = z.strictObject({
  types: style.optional(),
  FieldDefinition: style.optional(),
  InputValueDefinition: style.optional(),
  EnumValueDefinition: style.optional(),
  allowLeadingUnderscore: z.boolean().default(false),
});
export type NamingOptions = z.output<typeof namingOptions>;

const descriptionOptions = z.strictObject({
  types: z.boolean().default(false),
  rootField: z.boolean().default(false),
  FieldDefinition: z.boolean().default(false),
  InputValueDefinition: z.boolean().default(false),
  EnumValueDefinition: z.boolean().default(false),
});
export type DescriptionOptions = z.output<typeof descriptionOptions>;

const noOptions = z.strictObject({});

/** Settings of lint rules, with the names and options that they have in @graphql-eslint. */
export const lintRules = z.strictObject({
  'naming-convention': setting(namingOptions),
  'no-typename-prefix': setting(noOptions),
  'require-deprecation-reason': setting(noOptions),
  'require-description': setting(descriptionOptions),
});

export type LintRules = z.output<typeof lintRules>;

/** A file of lint rules. */
const lintFile = z.strictObject({
  $schema: z.string().optional(),
  /** `recommended`: the rules of the file change those of this repository. `nothing`: they are all there is. */
  extends: z.enum(['recommended', 'nothing']).default('recommended'),
  rules: lintRules.default({}),
});

/** Options of a rule that is set without any. */
export const defaultNaming: NamingOptions = {
  types: 'PascalCase',
  FieldDefinition: 'camelCase',
  InputValueDefinition: 'camelCase',
  EnumValueDefinition: 'UPPER_CASE',
  allowLeadingUnderscore: true,
};
export const defaultDescription: DescriptionOptions = {
  types: false,
  rootField: true,
  FieldDefinition: false,
  InputValueDefinition: false,
  EnumValueDefinition: false,
};

/** Rules that a subgraph is held to by default: clients see for years what they object to. */
export const recommendedRules: LintRules = {
  'naming-convention': 'error',
  'no-typename-prefix': 'warn',
  'require-deprecation-reason': 'error',
  'require-description': 'warn',
};

/** Reads a file of lint rules; without one, returns the recommended rules. @throws InputError */
export const readLintRules = (root: string, path: string | undefined): LintRules => {
  if (path === undefined) return recommendedRules;
  const { extends: from, rules } = parseJson(readFrom(root, path), path, lintFile);
  return from === 'nothing' ? rules : { ...recommendedRules, ...rules };
};
