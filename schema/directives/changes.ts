import { buildSubgraph } from '@apollo/federation-internals';
import { z } from 'zod';
import type { SchemaChange } from '../changes.ts';
import type { Composed } from '../compose.ts';
import { compareUnknown, type DirectiveRule, directiveRules } from './rules.ts';
import { readEnforcedUses, readUses, type Uses, type UsesByPlace } from './uses.ts';
import type { Verdict } from './verdict.ts';

const ruleOf = ({ known }: Uses): DirectiveRule | undefined =>
  known === undefined ? undefined : directiveRules[known];

/** Returns the verdicts; arguments that the gateway cannot read are one themselves. */
const compareAt = (before: Uses | undefined, after: Uses | undefined): readonly Verdict[] => {
  const about = after ?? before;
  if (about === undefined) return [];
  const compare = ruleOf(about)?.compare ?? compareUnknown;
  try {
    return compare(before?.given ?? [], after?.given ?? [], about, [before?.defaults, after?.defaults]);
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    const what = `has arguments that the gateway cannot read: ${JSON.stringify(after?.given ?? [])}`;
    return [{ severity: 'breaking', what, reason: 'The gateway refuses the supergraph.' }];
  }
};

/** Compares the directives of the elements that both schemas have: a new or removed element is a change by itself. */
const compareUses = (
  before: UsesByPlace,
  after: UsesByPlace,
  counts: (uses: Uses, path: string, key: string) => boolean,
  where = '',
): SchemaChange[] =>
  [...after].flatMap(([path, now]) => {
    const old = before.get(path);
    if (old === undefined) return [];
    return [...new Set([...old.keys(), ...now.keys()])].flatMap((key) => {
      const about = now.get(key) ?? old.get(key);
      if (about === undefined || !counts(about, path, key)) return [];
      return compareAt(old.get(key), now.get(key)).map(({ severity, what, reason }) => ({
        severity,
        path,
        message: `${about.directive} of '${path}'${where} ${what}.`,
        reason,
      }));
    });
  });

/** Rules of Rookery's own: composition leaves them out unless @composeDirective names them. */
const composedByName = ['rateLimit', 'readBack'];

const lostRules = (subgraph: UsesByPlace, supergraph: UsesByPlace, name: string): SchemaChange[] =>
  [...subgraph].flatMap(([path, uses]) =>
    composedByName
      .filter((rule) => [...uses].some(([key, { directive }]) => key === rule || directive === `@${rule}`))
      .filter((rule) => !supergraph.get(path)?.has(rule))
      .map((rule) => ({
        severity: 'dangerous' as const,
        path,
        message: `@${rule} of '${path}' in subgraph '${name}' has no effect.`,
        reason: `Composition leaves it out: link https://rookery.invalid/${rule}/v1.0 and add @composeDirective(name: "@${rule}").`,
      })),
  );

/** Returns what differs in the directives that decide who may use what, how much of it, and who answers it. */
export const directiveChanges = (base: Composed, head: Composed): SchemaChange[] => {
  const before = readEnforcedUses(base.supergraph.schema);
  const after = readEnforcedUses(head.supergraph.schema);
  const changes = compareUses(before, after, (uses) => (ruleOf(uses)?.in ?? 'supergraph') === 'supergraph');

  for (const name of new Set([...Object.keys(base.sdls), ...Object.keys(head.sdls)])) {
    const old = usesOfSubgraph(base, name);
    const now = usesOfSubgraph(head, name);
    if (now) changes.push(...lostRules(now, after, name));
    if (old && now) {
      const isSeen = (path: string, key: string) => before.get(path)?.has(key) || after.get(path)?.has(key);
      const counts = (uses: Uses, path: string, key: string) =>
        uses.known === undefined ? !isSeen(path, key) : ruleOf(uses)?.in === 'subgraph';
      changes.push(...compareUses(old, now, counts, ` in subgraph '${name}'`));
    } else if (now) changes.push({ severity: 'safe', path: name, message: `Subgraph '${name}' was added.` });
    else changes.push({ severity: 'dangerous', path: name, message: `Subgraph '${name}' was removed.` });
  }
  return changes;
};

const usesOfSubgraph = ({ sdls }: Composed, name: string): UsesByPlace | undefined => {
  const sdl = sdls[name];
  return sdl === undefined ? undefined : readUses(buildSubgraph(name, '', sdl).schema);
};
