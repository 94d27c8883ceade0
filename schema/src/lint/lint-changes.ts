import { type DocumentNode, Kind, parse } from 'graphql';
import type { SubgraphSources } from '../compose/subgraph-files.ts';
import type { LintFinding } from '../model/lint-finding.ts';
import { type LintElement, lintElements } from './elements.ts';
import {
  type DescriptionOptions,
  defaultDescription,
  defaultNaming,
  type LintRules,
  type NameStyle,
  type NamingOptions,
} from './rules.ts';

const styles: Readonly<Record<NameStyle, RegExp>> = {
  camelCase: /^[a-z][\dA-Za-z]*$/,
  PascalCase: /^[A-Z][\dA-Za-z]*$/,
  UPPER_CASE: /^[A-Z][\d_A-Z]*$/,
  snake_case: /^[a-z][\d_a-z]*$/,
};

/** Returns what a rule objects to in an element; undefined if it does not. */
type Objection<Options> = (element: LintElement, options: Options) => string | undefined;

const naming: Objection<NamingOptions> = ({ kind, node, coordinate }, options) => {
  const style = options[kind];
  const name = options.allowLeadingUnderscore ? node.name.value.replace(/^_+/, '') : node.name.value;
  return style === undefined || styles[style].test(name)
    ? undefined
    : `The name of ${coordinate} must be in ${style}.`;
};

/** Returns whether a name begins with the word or words of a prefix: `reportId` with `Report`, but not `reporter`. */
const beginsWithWord = (name: string, prefix: string): boolean =>
  name.toLowerCase().startsWith(prefix.toLowerCase()) && !/^[a-z]/.test(name.slice(prefix.length));

const typenamePrefix: Objection<object> = ({ kind, node, type, coordinate }) =>
  kind === 'FieldDefinition' && beginsWithWord(node.name.value, type)
    ? `The name of ${coordinate} must not begin with that of its type.`
    : undefined;

const deprecationReason: Objection<object> = ({ node, coordinate }) => {
  const deprecated = node.directives?.find(({ name }) => name.value === 'deprecated');
  const reason = deprecated?.arguments?.find(({ name }) => name.value === 'reason')?.value;
  return deprecated === undefined || (reason?.kind === Kind.STRING && reason.value.trim() !== '')
    ? undefined
    : `@deprecated of ${coordinate} must have a reason that says what to use instead.`;
};

const description: Objection<DescriptionOptions> = ({ kind, node, isRootField, coordinate }, options) =>
  (options[kind] || (options.rootField && isRootField)) && !node.description?.value.trim()
    ? `${coordinate} must have a description.`
    : undefined;

interface Rule {
  readonly name: string;
  readonly severity: LintFinding['severity'];
  readonly objectionTo: (element: LintElement) => string | undefined;
}

/** Returns the rules that are not off, with their options. */
const activeRules = (rules: LintRules): Rule[] => {
  const rule = <Options>(name: keyof LintRules, objection: Objection<Options>, defaults: Options): Rule[] => {
    const given = rules[name] ?? 'off';
    const [severity, options] =
      typeof given === 'string' ? [given, defaults] : [given[0], given[1] as Options];
    if (severity === 'off') return [];
    return [
      {
        name,
        severity: severity === 'error' ? 'error' : 'warning',
        objectionTo: (element) => objection(element, options),
      },
    ];
  };
  return [
    ...rule('naming-convention', naming, defaultNaming),
    ...rule('no-typename-prefix', typenamePrefix, {}),
    ...rule('require-deprecation-reason', deprecationReason, {}),
    ...rule('require-description', description, defaultDescription),
  ];
};

/** Parses an SDL; undefined if it does not parse, which the composition reports. */
const parsed = (sdl: string): DocumentNode | undefined => {
  try {
    return parse(sdl);
  } catch {
    return undefined;
  }
};

const lint = (subgraph: string, file: string, sdl: string, rules: readonly Rule[]): LintFinding[] => {
  const document = parsed(sdl);
  if (document === undefined) return [];
  return lintElements(document).flatMap((element) =>
    rules.flatMap(({ name, severity, objectionTo }) => {
      const message = objectionTo(element);
      if (message === undefined) return [];
      const { line = 1, column = 1 } = element.node.name.loc?.startToken ?? {};
      const { coordinate } = element;
      return [{ rule: name, severity, message, coordinate, position: { subgraph, file, line, column } }];
    }),
  );
};

const keyOf = ({ rule, coordinate }: LintFinding): string => `${rule}\0${coordinate}`;

/**
 * Lints what changed: returns the findings that a change adds. Findings of the base are left out.
 * @param base undefined if nothing is there to compare with
 */
export const lintChanges = (
  base: Pick<SubgraphSources, 'sdls'> | undefined,
  head: SubgraphSources,
  settings: LintRules,
): LintFinding[] => {
  const rules = activeRules(settings);
  return Object.entries(head.sdls).flatMap(([name, sdl]) => {
    const old = base?.sdls[name];
    if (old === sdl) return [];
    const known = new Set(old === undefined ? [] : lint(name, '', old, rules).map(keyOf));
    const found = lint(name, head.files[name] ?? `${name}.graphql`, sdl, rules);
    return found.filter((finding) => !known.has(keyOf(finding)));
  });
};
