import type { Dispatcher, Pool } from 'undici';

export interface PostOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
  /** Gives up after so long, in milliseconds, with what `late` makes. */
  readonly within?: { readonly ms: number; readonly late: () => Error };
}

export interface Posted {
  readonly status: number;
  readonly text: string;
}

/**
 * One POST, its answer as a text. The pool's own `request` makes a stream for each answer and takes it apart again,
 * which costs as much as all the rest of a fetch.
 */
export const post = (pool: Pool, options: PostOptions): Promise<Posted> =>
  new Promise((resolve, reject) => {
    const { path, headers, body, signal, within } = options;
    let running: Dispatcher.DispatchController | undefined;
    let reason: Error | undefined;
    let status = 0;
    const chunks: Buffer[] = [];

    const giveUp = (why: Error): void => {
      reason = why;
      running?.abort(why);
      end();
      reject(why);
    };
    const onAbort = () => giveUp(signal.reason);
    const timer = within && setTimeout(() => giveUp(within.late()), within.ms);
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort);

    pool.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart: (controller) => {
          running = controller;
          if (reason) controller.abort(reason);
        },
        onResponseStart: (_controller, code) => {
          status = code;
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          end();
          resolve({ status, text: String(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)) });
        },
        onResponseError: (_controller, error) => {
          end();
          reject(reason ?? error);
        },
      },
    );
  });
