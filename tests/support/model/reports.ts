import { type Fact, kind } from './facts.ts';

/* Reports and what moderators do, for the model of histories. */

/** The newest report of something by somebody. */
interface Report {
  readonly actor: string;
  readonly object: string;
  readonly about: string;
  readonly category: string;
  readonly position: number;
  /** The newest answer, if it is newer than the report. */
  readonly outcome: string | null;
}

export interface Moderation {
  /** Reports by a user, the newest first. */
  reportsBy(user: string): Report[];
  /** Objects with reports that nobody has answered, the newest report first, with the reporters of all times. */
  openReports(): { readonly object: string; readonly reporters: readonly string[] }[];
  /** Acts of moderators, the newest first, as `moderator VERB object`. */
  moderationLog(): string[];
}

/** @param facts in the order in which they take effect */
export const moderationOf = (facts: readonly Fact[]): Moderation => {
  const reports = new Map<string, Report>();
  for (const fact of facts) {
    const { type, actor, subject, data } = fact.event;
    if (type.startsWith('rookery.report.made')) {
      const { about, category } = data as { about: string; category: string };
      const report = { actor, object: subject, about, category, position: fact.position, outcome: null };
      // Again at the end: the newest report comes last.
      reports.delete(`${actor} ${subject}`);
      reports.set(`${actor} ${subject}`, report);
    }
    if (type.startsWith('rookery.report.resolved')) {
      const { outcome } = data as { outcome: string };
      for (const [key, report] of reports)
        if (report.object === subject) reports.set(key, { ...report, outcome });
    }
  }
  const newestOf = (object: string) => [...reports.values()].findLast((report) => report.object === object);
  return {
    reportsBy: (user) =>
      [...reports.values()].filter(({ actor }) => actor === user).toSorted((a, b) => b.position - a.position),
    openReports: () =>
      [...new Set([...reports.values()].map(({ object }) => object))]
        .flatMap((object) => {
          const newest = newestOf(object);
          return newest?.outcome === null ? [newest] : [];
        })
        .toSorted((a, b) => b.position - a.position)
        .map(({ object }) => ({
          object,
          reporters: [...reports.values()]
            .filter((report) => report.object === object)
            .toReversed()
            .map(({ actor }) => actor),
        })),
    moderationLog: () =>
      facts
        .filter((fact) =>
          ['hidden', 'unhidden', 'suspended', 'unsuspended', 'barred', 'allowed'].includes(kind(fact)),
        )
        .toSorted((a, b) => b.position - a.position)
        .map((fact) => {
          const { hashtag } = fact.event.data as { hashtag?: string };
          const act = kind(fact)
            .toUpperCase()
            .replace('HIDDEN', 'HIDE')
            .replace('BARRED', 'BAR')
            .replace(/ED$/, '');
          const verb = hashtag === undefined ? act : `${act}_HASHTAG`;
          return `${fact.event.actor} ${verb} ${hashtag ?? fact.event.subject}`;
        }),
  };
};
