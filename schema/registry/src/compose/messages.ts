import type { OperationUsage } from '@rookery/schema/usage';

/** A place in the SDL of a subgraph. */
interface Position {
  readonly subgraph: string;
  readonly line: number;
  readonly column: number;
}

/** One reason why subgraphs do not compose. */
export interface Problem {
  /** Code of Apollo Federation, such as `FIELD_TYPE_MISMATCH`, or `SDL_SYNTAX_ERROR`. */
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly positions: readonly Position[];
}

/** Input of a composition from one subgraph. */
export interface ComposedSubgraph {
  readonly name: string;
  readonly sdl: string;
  readonly address: string;
}

/** Work for the thread that composes. */
export type Task =
  | { readonly kind: 'compose'; readonly subgraphs: readonly ComposedSubgraph[] }
  | {
      readonly kind: 'diff';
      readonly from: readonly ComposedSubgraph[];
      readonly to: readonly ComposedSubgraph[];
    }
  | {
      readonly kind: 'usage';
      readonly supergraph: string;
      readonly operations: readonly OperationUsage[];
    };

/** Use of one field, argument, input field or enum value. */
export interface CoordinateUsage {
  readonly coordinate: string;
  readonly count: number;
  readonly clients: readonly string[];
  readonly lastSeen: string | null;
}

export type Composition =
  | { readonly supergraph: string; readonly problems: readonly [] }
  | { readonly supergraph: null; readonly problems: readonly Problem[] };

/** A difference, as the check reports it. */
export type Difference = Readonly<Record<string, unknown>>;

export type Answer =
  | { readonly id: number; readonly result: Composition | readonly Difference[] | readonly CoordinateUsage[] }
  | { readonly id: number; readonly error: string };
