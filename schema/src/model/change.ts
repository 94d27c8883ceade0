/** `breaking`: a working operation fails. `dangerous`: it works, and may surprise. `safe`: no visible effect. */
export type Criticality = 'safe' | 'dangerous' | 'breaking';

/** A place in the SDL of a subgraph. */
export interface SdlPosition {
  readonly subgraph: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** Live operations that use what a change touches. */
export interface ChangeUsage {
  /** Number of different operations. */
  readonly operations: number;
  /** Requests in the window. */
  readonly count: number;
  /** Share of all requests in the window, from 0 to 100. */
  readonly percent: number;
  /** `name@version`, the busiest first. */
  readonly clients: readonly string[];
  readonly lastSeen: string | null;
}

/**
 * Decision on one change. `allowed`: its criticality passes. `accepted`: reviewed, and made on purpose. `unused`: breaking,
 * and too little traffic touches it to count. `refused`: the check fails because of it.
 */
export type ChangeDecision = 'allowed' | 'accepted' | 'unused' | 'refused';

/** A difference between two schemas. */
export interface Change {
  /** Name of the kind, such as `FIELD_REMOVED` (graphql-inspector's) or `AUTHENTICATED_REMOVED`. */
  readonly kind: string;
  readonly criticality: Criticality;
  /** True if it changes who may use something, or how much of it. */
  readonly security: boolean;
  /** `widened`: somebody may do what was refused, which usage cannot excuse. `narrowed`: the reverse. */
  readonly access?: 'widened' | 'narrowed';
  /** Schema coordinate: `Type.field(argument:)`, `@directive`, `schema`, or the name of a subgraph. */
  readonly coordinate: string;
  /** True if it concerns the composition alone, and no operation of a client. */
  readonly routing: boolean;
  /** Position of the element, or of its nearest surviving parent; null if no SDL file has either. */
  readonly position: SdlPosition | null;
  readonly message: string;
  readonly reason?: string;
  /** Why it is made all the same; absent unless it was reviewed. */
  readonly accepted?: string;
}

/** A change with what the check makes of it. */
export interface DecidedChange extends Change {
  readonly decision: ChangeDecision;
  /** Absent without usage data. */
  readonly usage?: ChangeUsage;
}

/** Title under which people look for a change: its criticality, or `security` if it widens access. */
export type Severity = 'breaking' | 'security' | 'dangerous' | 'safe';

export const severities: readonly Severity[] = ['breaking', 'security', 'dangerous', 'safe'];

export const severityOf = ({
  criticality,
  access,
}: {
  readonly criticality: Criticality;
  readonly access?: Change['access'] | undefined;
}): Severity => (access === 'widened' ? 'security' : criticality);
