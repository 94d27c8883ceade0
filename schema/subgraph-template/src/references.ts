/** A post or a user of Rookery, of which this subgraph knows the key only. */
export interface Reference {
  readonly id: string;
}
