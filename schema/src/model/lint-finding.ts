import type { SdlPosition } from './change.ts';

/** Something in the SDL that a lint rule objects to. */
export interface LintFinding {
  /** Name of the rule, such as `naming-convention`. */
  readonly rule: string;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  /** Schema coordinate of the element. */
  readonly coordinate: string;
  readonly position: SdlPosition;
}
