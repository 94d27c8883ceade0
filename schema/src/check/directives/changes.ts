import { buildSubgraph } from '@apollo/federation-internals';
import { z } from 'zod';
import type { Composed } from '../../compose/compose.ts';
import type { Change, Severity } from '../../model/change.ts';
import { coordinateOf } from '../coordinate.ts';
import { compareUnknown, type DirectiveRule, directiveRules } from './rules.ts';
import { readEnforcedUses, readUses, type Uses, type UsesByPlace } from './uses.ts';
import type { DirectiveVerdict } from './verdict.ts';

/** A change before its place in the SDL is known. */
export type UnplacedChange = Omit<Change, 'position'> & {
  /** Subgraph that it is about; absent if it concerns all that define the element. */
  readonly subgraph?: string;
};

const ruleOf = ({ known }: Uses): DirectiveRule | undefined =>
  known === undefined ? undefined : directiveRules[known];

/** Returns the verdicts; arguments that the gateway cannot read are one themselves. */
const compareAt = (before: Uses | undefined, after: Uses | undefined): readonly DirectiveVerdict[] => {
  const about = after ?? before;
  if (about === undefined) return [];
  const compare = ruleOf(about)?.compare ?? compareUnknown;
  try {
    return compare(before?.given ?? [], after?.given ?? [], about, [before?.defaults, after?.defaults]);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const what = `has arguments that the gateway cannot read: ${JSON.stringify(after?.given ?? [])}`;
    return [
      { severity: 'breaking', effect: 'unreadable', what, reason: 'The gateway refuses the supergraph.' },
    ];
  }
};

const kindOf = (directive: string, effect: string): string =>
  `${directive
    .replace(/^@/, '')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toUpperCase()}_${effect.toUpperCase()}`;

const accessOf = (
  severity: Severity,
  isPermission: boolean,
): Pick<Change, 'access'> | Record<string, never> => {
  if (severity === 'security') return { access: 'widened' };
  return severity === 'breaking' && isPermission ? { access: 'narrowed' } : {};
};

interface Scope {
  /** Returns true if a use is compared in this scope. */
  counts(uses: Uses, path: string, key: string): boolean;
  /** Subgraph whose SDL is compared; undefined for the supergraph. */
  readonly subgraph?: string;
}

const changeOf = (
  path: string,
  about: Uses,
  { severity, effect, what, reason }: DirectiveVerdict,
  subgraph: string | undefined,
): UnplacedChange => {
  const rule = ruleOf(about);
  const where = subgraph === undefined ? '' : ` in subgraph '${subgraph}'`;
  return {
    kind: about.known === undefined ? kindOf('UNKNOWN_DIRECTIVE', effect) : kindOf(about.known, effect),
    criticality: severity === 'security' ? 'dangerous' : severity,
    security: rule?.security ?? false,
    ...accessOf(severity, rule?.security ?? false),
    coordinate: coordinateOf(path),
    routing: rule?.in === 'subgraph',
    message: `${about.directive} of '${path}'${where} ${what}.`,
    reason,
    ...(subgraph === undefined ? {} : { subgraph }),
  };
};

/** Compares the directives of the elements that both schemas have: a new or removed element is a change by itself. */
const compareUses = (
  before: UsesByPlace,
  after: UsesByPlace,
  { counts, subgraph }: Scope,
): UnplacedChange[] =>
  [...after].flatMap(([path, now]) => {
    const old = before.get(path);
    if (old === undefined) return [];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
      const about = now.get(key) ?? old.get(key);
      if (about === undefined || !counts(about, path, key)) return [];
      return compareAt(old.get(key), now.get(key)).map((verdict) => changeOf(path, about, verdict, subgraph));
    });
  });

/** Rules of Rookery's own: composition leaves them out unless @composeDirective names them. */
const composedByName = ['rateLimit', 'readBack'];

const mentionsOwnRule = (sdl: string): boolean => composedByName.some((rule) => sdl.includes(rule));

const lostRules = (subgraph: UsesByPlace, supergraph: UsesByPlace, name: string): UnplacedChange[] =>
  [...subgraph].flatMap(([path, uses]) =>
    composedByName
      .filter((rule) => [...uses].some(([key, { directive }]) => key === rule || directive === `@${rule}`))
      .filter((rule) => !supergraph.get(path)?.has(rule))
      .map((rule) => ({
        kind: kindOf(rule, 'ineffective'),
        criticality: 'dangerous' as const,
        security: directiveRules[rule]?.security ?? false,
        coordinate: coordinateOf(path),
        routing: false,
        subgraph: name,
        message: `@${rule} of '${path}' in subgraph '${name}' has no effect.`,
        reason: `Composition leaves it out: link https://rookery.invalid/${rule}/v1.0 and add @composeDirective(name: "@${rule}").`,
      })),
  );

const ofSubgraph = (name: string, effect: 'ADDED' | 'REMOVED'): UnplacedChange => ({
  kind: `SUBGRAPH_${effect}`,
  criticality: effect === 'ADDED' ? 'safe' : 'dangerous',
  security: false,
  coordinate: name,
  routing: true,
  subgraph: name,
  message: `Subgraph '${name}' was ${effect.toLowerCase()}.`,
});

/** Returns what differs in the directives that decide who may use what, how much of it, and who answers it. */
export const directiveChanges = (base: Composed, head: Composed): UnplacedChange[] => {
  const before = readEnforcedUses(base.supergraph.schema);
  const after = readEnforcedUses(head.supergraph.schema);
  const inSupergraph = (uses: Uses) => (ruleOf(uses)?.in ?? 'supergraph') === 'supergraph';
  const changes = compareUses(before, after, { counts: inSupergraph });

  for (const name of new Set([...Object.keys(base.sdls), ...Object.keys(head.sdls)])) {
    if (base.sdls[name] === head.sdls[name] && !mentionsOwnRule(head.sdls[name] ?? '')) continue;
    const old = usesOfSubgraph(base, name);
    const now = usesOfSubgraph(head, name);
    if (now) changes.push(...lostRules(now, after, name));
    if (old && now) {
      const isSeen = (path: string, key: string) => before.get(path)?.has(key) || after.get(path)?.has(key);
      const counts = (uses: Uses, path: string, key: string) =>
        uses.known === undefined ? !isSeen(path, key) : ruleOf(uses)?.in === 'subgraph';
      changes.push(...compareUses(old, now, { counts, subgraph: name }));
    } else changes.push(ofSubgraph(name, now ? 'ADDED' : 'REMOVED'));
  }
  return changes;
};

const usesOfSubgraph = ({ sdls }: Composed, name: string): UsesByPlace | undefined => {
  const sdl = sdls[name];
  return sdl === undefined ? undefined : readUses(buildSubgraph(name, '', sdl).schema);
};
