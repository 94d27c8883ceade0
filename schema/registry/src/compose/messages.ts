import type { Change } from '@rookery/schema/changes';
import type { CheckReport, StatesToCheck } from '@rookery/schema/check';
import type { SubgraphGraph } from '@rookery/schema/graph';
import type { DocumentProblem, OperationUsage, ReadDocument } from '@rookery/schema/usage';

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
    }
  | { readonly kind: 'graph'; readonly supergraph: string }
  | { readonly kind: 'check'; readonly states: StatesToCheck }
  | {
      readonly kind: 'documents';
      readonly documents: readonly string[];
      /** Supergraph that they must be valid for; null: any. */
      readonly supergraph: string | null;
    };

/** A trusted document that was read, or why it cannot be trusted. */
export type TrustResult = ReadDocument | DocumentProblem;

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

export type Answer =
  | {
      readonly id: number;
      readonly result:
        | Composition
        | readonly Change[]
        | readonly CoordinateUsage[]
        | readonly TrustResult[]
        | CheckReport
        | SubgraphGraph;
    }
  | { readonly id: number; readonly error: string };
