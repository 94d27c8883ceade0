/** An effect that took place, as the store has it. */
export interface Fact {
  readonly position: number;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly subject: string;
    readonly actor: string;
    readonly time: string;
    readonly data?: unknown;
  };
}

/** Returns the name of an event without its aggregate and version. */
export const kind = ({ event }: Fact): string =>
  event.type.replace(/^rookery\.[a-z]+\./, '').replace(/\.v1$/, '');
