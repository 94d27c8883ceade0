import type { ProjectorMetrics } from './metrics.ts';
import { ProgressRate } from './progress-rate.ts';

export interface BacklogOptions {
  /** Consumer name: a projection, or the standby of one. */
  readonly projection: string;
  /** Number of events from which a backlog is long. */
  readonly catchUpFrom: number;
  readonly metrics: ProjectorMetrics;
}

/** Number of events that are not applied from which a check soon shows nothing new. */
const farBehind = 1_000;

/** The events that one projection has yet to apply, and the rate at which it does. Shows both as metrics. */
export class Backlog {
  readonly #options: BacklogOptions;
  readonly #rate = new ProgressRate();
  /** Number of events in the queue that are not applied, as of the last check. */
  #inQueue = 0;
  /** Number of events that are to be applied from the event store. */
  #inStore = 0;

  constructor(options: BacklogOptions) {
    this.#options = options;
  }

  get isFar(): boolean {
    return this.#inQueue >= farBehind;
  }

  get isLong(): boolean {
    return this.#inQueue >= this.#options.catchUpFrom;
  }

  /** Events per second; undefined if it is not known yet. */
  get perSecond(): number | undefined {
    return this.#rate.perSecond;
  }

  /** @param events number that wait in the queue behind a batch; shown with the next check */
  setWaiting(events: number): void {
    this.#inQueue = events;
  }

  setInQueue(events: number): void {
    this.#inQueue = events;
    this.#show();
  }

  setInStore(events: number): void {
    this.#inStore = Math.max(0, events);
    this.#show();
  }

  /** Everything up to a position is applied. Shows the rate, and the time that the backlog takes at this rate. */
  reached(position: number): void {
    const { projection, metrics } = this.#options;
    this.#rate.note(position);
    metrics.position.set({ projection }, position);
    const { perSecond } = this;
    if (perSecond === undefined) return;
    metrics.rate.set({ projection }, perSecond);
    const behind = this.#inQueue + this.#inStore;
    if (behind === 0 || perSecond > 0)
      metrics.secondsLeft.set({ projection }, behind === 0 ? 0 : behind / perSecond);
  }

  #show(): void {
    const { projection, metrics } = this.#options;
    metrics.lag.set({ projection }, this.#inQueue + this.#inStore);
  }
}
