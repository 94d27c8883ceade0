import type { Session } from '../auth/authenticate.ts';
import type { Requirement } from './rules.ts';

/** Decides a policy (@policy) by its name for somebody who is signed in. */
export type Policies = (name: string, session: Session) => boolean;

/** Policies granted by the token: roles, groups and entitlements (RFC 9068, section 2.2.3.1). */
export const policiesOfToken: Policies = (name, { entitlements }) => entitlements.has(name);

/** Returns whether the session meets a requirement; without a session nobody is authenticated. */
export const isGranted = (
  requirement: Requirement,
  session: Session | undefined,
  policies: Policies,
): boolean => {
  if (session === undefined) return false;
  switch (requirement.kind) {
    case 'authenticated':
      return true;
    case 'scopes':
      return requirement.anyOf.some((all) => all.every((scope) => session.scopes.has(scope)));
    case 'policy':
      return requirement.anyOf.some((all) => all.every((name) => policies(name, session)));
  }
};

/** Time for which a decision is cached for the events of a subscription. */
const cacheTtlMs = 500;

interface Decision {
  readonly granted: boolean;
  readonly at: number;
}

/** Caches decisions for a moment: events may arrive faster than a policy can answer. */
export const cachedPolicies = (policies: Policies): Policies => {
  const decided = new WeakMap<Session, Map<string, Decision>>();
  return (name, session) => {
    const decisions = decided.get(session) ?? new Map<string, Decision>();
    decided.set(session, decisions);
    const known = decisions.get(name);
    const now = performance.now();
    if (known && now - known.at < cacheTtlMs) return known.granted;
    const granted = policies(name, session);
    decisions.set(name, { granted, at: now });
    return granted;
  };
};
