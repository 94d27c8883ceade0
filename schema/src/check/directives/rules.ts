import { listSizes, rateLimits, weights } from './limits.ts';
import { alternatives, lessAccess, moreAccess } from './permissions.ts';
import { type Compare, type Judgment, presence } from './verdict.ts';

/** A directive that this check knows. */
export interface DirectiveRule {
  /**
   * Scope of a directive: the supergraph, which the gateway enforces; the SDL of one subgraph, from which
   * composition derives the resolution of fields; or the API schema, whose differences graphql-inspector
   * finds.
   */
  readonly in: 'supergraph' | 'subgraph' | 'api';
  /** Severity of a difference; absent if another report covers it. */
  readonly compare: Compare;
  /** True if it decides who may use something, or how much of it. */
  readonly security?: boolean;
}

const nothing: Compare = () => [];
const shows = { in: 'api', compare: nothing } as const;
const enforced = (compare: Compare): DirectiveRule => ({ in: 'supergraph', compare });
const protects = (compare: Compare): DirectiveRule => ({ in: 'supergraph', compare, security: true });
const routes = (judgments: {
  readonly added: Judgment;
  readonly removed: Judgment;
  readonly changed?: Judgment;
}): DirectiveRule => ({ in: 'subgraph', compare: presence(judgments) });

const composes = 'Composition shows that every field can still be resolved.';
const otherTeams = 'A subgraph of another team that relies on it no longer composes.';
const elsewhere = 'Another subgraph answers the field, at once for all clients.';
const refused = 'The gateway refuses a supergraph that uses it.';

/** Every directive that is known, by its name in its specification. */
export const directiveRules: Readonly<Record<string, DirectiveRule>> = {
  authenticated: protects(presence({ added: ['breaking', lessAccess], removed: ['security', moreAccess] })),
  requiresScopes: protects(alternatives('scopes')),
  policy: protects(alternatives('policies')),
  rateLimit: protects(rateLimits),
  cost: protects(weights),
  listSize: protects(listSizes),
  readBack: enforced(
    presence({
      added: ['dangerous', 'A failure to read the result is no longer an error: the field is null.'],
      removed: [
        'breaking',
        'An accepted command is answered with an error if its result cannot be read, and clients send it again.',
      ],
    }),
  ),
  inaccessible: protects(
    // The API schema loses the element, which is reported as breaking.
    presence({ added: null, removed: ['dangerous', 'Clients see what was hidden from them.'] }),
  ),
  tag: enforced(
    presence({
      added: ['safe', 'No contract selects by it yet.'],
      removed: ['safe', 'No contract selects by it yet.'],
    }),
  ),
  cacheTag: enforced(
    presence({
      added: ['safe', 'The gateway does not read it.'],
      removed: ['safe', 'The gateway does not read it.'],
    }),
  ),

  key: routes({
    added: ['safe', composes],
    removed: ['dangerous', otherTeams],
    changed: ['dangerous', otherTeams],
  }),
  shareable: routes({ added: ['safe', composes], removed: ['dangerous', otherTeams] }),
  override: routes({
    added: ['dangerous', elsewhere],
    removed: ['dangerous', elsewhere],
    changed: ['dangerous', elsewhere],
  }),
  interfaceObject: routes({
    added: ['dangerous', 'Another subgraph decides which object it is.'],
    removed: ['dangerous', 'Another subgraph decides which object it is.'],
  }),
  requires: routes({ added: ['safe', composes], removed: ['safe', composes], changed: ['safe', composes] }),
  provides: routes({ added: ['safe', composes], removed: ['safe', composes], changed: ['safe', composes] }),
  external: routes({ added: ['safe', composes], removed: ['safe', composes] }),
  extends: routes({ added: ['safe', composes], removed: ['safe', composes] }),
  context: routes({ added: ['breaking', refused], removed: ['safe', composes] }),
  fromContext: routes({ added: ['breaking', refused], removed: ['safe', composes] }),
  // Their effect is reported at each affected element.
  link: { in: 'subgraph', compare: nothing },
  composeDirective: { in: 'subgraph', compare: nothing },

  deprecated: shows,
  specifiedBy: shows,
  oneOf: shows,
};

/** Compares a directive that is not known: nobody can say what it does. */
export const compareUnknown: Compare = presence({
  added: ['dangerous', 'The check does not know what this directive does.'],
  removed: ['dangerous', 'The check does not know what this directive does.'],
  changed: ['dangerous', 'The check does not know what this directive does.'],
});
