import { z } from 'zod';
import { listSizeArguments, rateLimitArguments } from '../../model/limit-directives.ts';
import type { Compare, Defaults, DirectiveArguments, DirectiveVerdict } from './verdict.ts';

type RateLimit = z.output<typeof rateLimitArguments>;

/** True if `other` lets through whatever `limit` does: as much at once, refilled as fast. */
const isAtLeastAsGenerous = (other: RateLimit, limit: RateLimit): boolean =>
  other.limit >= limit.limit && other.limit * limit.window >= limit.limit * other.window;

const textOf = (limits: readonly RateLimit[]): string =>
  limits.map(({ limit, window }) => `${limit} in ${window} s`).join(' and ');

const mayRefuse = 'Clients that stay within the limit today may be refused.';
const protects = 'It protects what it counts, such as a password, from being tried too often.';

/** Compares the limits of one key. */
const limitsOfKey = (
  key: string,
  were: readonly RateLimit[],
  are: readonly RateLimit[],
): DirectiveVerdict[] => {
  const change = `from ${textOf(were)} to ${textOf(are)}`;
  const isTighter = !are.every((one) => were.some((other) => isAtLeastAsGenerous(one, other)));
  const isLooser = !were.every((one) => are.some((other) => isAtLeastAsGenerous(one, other)));
  const tightened: DirectiveVerdict = {
    severity: 'breaking',
    ...(were.length === 0
      ? { effect: 'added', what: `by ${key} was added: ${textOf(are)}` }
      : { effect: 'tightened', what: `by ${key} was tightened ${change}` }),
    reason: mayRefuse,
  };
  const loosened: DirectiveVerdict = {
    severity: 'security',
    ...(are.length === 0
      ? { effect: 'removed', what: `by ${key} was removed: ${textOf(were)}` }
      : { effect: 'loosened', what: `by ${key} was loosened ${change}` }),
    reason: protects,
  };
  return [...(isTighter ? [tightened] : []), ...(isLooser ? [loosened] : [])];
};

/** Compares @rateLimit for each key: a field may be counted in several ways, and each of them refuses by itself. */
export const rateLimits: Compare = (before, after) => {
  const [old, now] = [before, after].map((uses) => uses.map((use) => rateLimitArguments.parse(use))) as [
    RateLimit[],
    RateLimit[],
  ];
  const keys = new Set([...old, ...now].map(({ key }) => key));
  const ofKey = (all: readonly RateLimit[], key: string) => all.filter((one) => one.key === key);
  return [...keys].flatMap((key) => limitsOfKey(key, ofKey(old, key), ofKey(now, key)));
};

/** Cost of an object without @cost; everything else is free by default. */
const objectWeight = 1;

/** Compares the effective weights of @cost, with the default if it is absent. */
export const weights: Compare = (before, after, { kind }) => {
  const weightOf = (uses: readonly DirectiveArguments[]): number => {
    const [use] = uses;
    if (use === undefined) return kind === 'ObjectType' ? objectWeight : 0;
    return z.number().parse(use.weight);
  };
  const [old, now] = [weightOf(before), weightOf(after)];
  if (old === now) return [];
  return now > old
    ? [
        {
          severity: 'breaking',
          effect: 'raised',
          what: `rose from ${old} to ${now}`,
          reason: 'An operation close to the cost limit is refused, and rate limits are used up sooner.',
        },
      ]
    : [
        {
          severity: 'dangerous',
          effect: 'lowered',
          what: `fell from ${old} to ${now}`,
          reason: 'Larger operations pass the cost limit.',
        },
      ];
};

/** The gateway's limit for lists of unknown size, by default. */
const unknownSize = 10;

/**
 * Compares @listSize by what the gateway reads of it, with its defaults. The default value of a slicing argument counts
 * before the assumed size. No operation of today gives an argument that is new, so it counts nothing.
 */
export const listSizes: Compare = (before, after, _place, defaults = [undefined, undefined]) => {
  const [defaultsBefore, defaultsAfter] = defaults;
  const isOfToday = (argument: string): boolean =>
    defaultsBefore === undefined || Object.hasOwn(defaultsBefore, argument);
  const read = (uses: readonly DirectiveArguments[], defaults: Defaults = {}) => {
    const given = listSizeArguments.parse(uses[0] ?? {});
    const slicing = given.slicingArguments ?? ['first'];
    const sizes = slicing.map((name) => defaults[name]).filter((value) => typeof value === 'number');
    return {
      size: sizes.length > 0 ? Math.max(...sizes) : (given.assumedSize ?? unknownSize),
      slicing: slicing.filter(isOfToday).toSorted().join(', ') || 'none',
      sized: (given.sizedFields ?? []).toSorted().join(', ') || 'none',
      one: uses.length > 0 && (given.requireOneSlicingArgument ?? true),
    };
  };
  const [old, now] = [read(before, defaultsBefore), read(after, defaultsAfter)];
  const verdicts: DirectiveVerdict[] = [];
  const add = (severity: DirectiveVerdict['severity'], what: string, reason: string) =>
    verdicts.push({ severity, effect: 'changed', what, reason });

  if (now.size > old.size)
    add(
      'breaking',
      `assumes ${now.size} items instead of ${old.size}`,
      'An operation close to the cost limit is refused.',
    );
  if (now.size < old.size)
    add(
      'dangerous',
      `assumes ${now.size} items instead of ${old.size}`,
      'Larger operations pass the cost limit.',
    );
  const otherwise = 'Some operations cost more than today, and may be refused.';
  if (now.slicing !== old.slicing)
    add('breaking', `counts items by ${now.slicing} instead of ${old.slicing}`, otherwise);
  if (now.sized !== old.sized)
    add('breaking', `gives the size of ${now.sized} instead of ${old.sized}`, otherwise);
  if (now.one !== old.one && verdicts.length === 0)
    add(
      'safe',
      `${now.one ? 'asks for' : 'no longer asks for'} one slicing argument`,
      'The gateway does not enforce it.',
    );
  return verdicts;
};
