import type { LaunchAnswer } from '@rookery/registry-protocol';
import { backoffMs, type Logger } from '@rookery/runtime';
import type { SupergraphOutcome } from '../supergraph/source.ts';
import type { RegistryAccess } from './access.ts';
import { postToRegistry } from './post-to-registry.ts';

/** The answer is repeated at this interval, so that the registry knows which gateways run. */
const repeatMs = 30_000;
const maxReasonLength = 1_000;
const backoff = { firstMs: 500, maxMs: repeatMs } as const;

/** Tells the registry how each launch ended at this gateway: served, or refused and why. */
export class LaunchReports implements AsyncDisposable {
  readonly #access: RegistryAccess;
  readonly #log: Logger;
  readonly #stopped = new AbortController();
  #answer: LaunchAnswer | undefined;
  #serves: number | null = null;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;

  constructor(access: RegistryAccess, log: Logger) {
    this.#access = access;
    this.#log = log.child({ subsystem: 'launches' });
  }

  readonly note = ({ what, launch: number, error }: SupergraphOutcome): void => {
    if (what === 'unreachable') return;
    const launch = number ?? null;
    if (what === 'replaced') {
      this.#serves = launch;
      this.#answer = { launch, serves: launch, outcome: 'served' };
    } else {
      const reason = (error instanceof Error ? error.message : String(error)).slice(0, maxReasonLength);
      this.#answer = { launch, serves: this.#serves, outcome: 'refused', reason };
    }
    void this.#send();
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#timer);
  }

  async #send(): Promise<void> {
    clearTimeout(this.#timer);
    const sent = this.#answer;
    let waitMs: number = repeatMs;
    try {
      const path = `gateways/${encodeURIComponent(this.#access.gateway)}`;
      await postToRegistry(this.#access, path, sent, this.#stopped.signal);
      this.#failures = 0;
    } catch (error) {
      if (this.#stopped.signal.aborted) return;
      this.#failures++;
      waitMs = backoffMs(this.#failures, backoff);
      if (this.#failures === 1)
        this.#log.warn({ error }, 'failed to tell the registry of a launch; trying again');
    }
    // A newer answer has its own timer.
    if (this.#stopped.signal.aborted || sent !== this.#answer) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#send(), waitMs).unref();
  }
}
