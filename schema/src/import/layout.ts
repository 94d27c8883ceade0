/** A subgraph as another tool's configuration describes it. */
export interface ImportedSubgraph {
  readonly name: string;
  /** Address at which gateways reach it; undefined if the configuration does not say. */
  readonly url: string | undefined;
  readonly schema:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'address'; readonly address: string }
    | { readonly kind: 'sdl'; readonly sdl: string };
}

/** A configuration of another tool. */
export interface Layout {
  readonly subgraphs: readonly ImportedSubgraph[];
  /** Reasons why something cannot be imported, one line each. */
  readonly problems: readonly string[];
}

export const layouts = ['rover', 'hive', 'wgc'] as const;
export type LayoutName = (typeof layouts)[number];
