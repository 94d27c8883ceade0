import type { Dispatcher, Pool } from 'undici';

export interface PostOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Gives up after so long, in milliseconds, with what `late` makes. */
  readonly within: { readonly ms: number; readonly late: () => Error };
}

export interface Posted {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came, maybe compressed. */
  readonly body: Buffer;
}

/**
 * One POST, its answer in one piece. The pool's own `request` makes a stream for each answer and takes it apart again,
 * which costs as much as all the rest of a fetch.
 */
export const post = (pool: Pool, { path, headers, body, within }: PostOptions): Promise<Posted> =>
  new Promise((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let late: Error | undefined;
    let status = 0;
    let received: Posted['headers'] = {};
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      late = within.late();
      running?.abort(late);
      reject(late);
    }, within.ms);

    pool.dispatch(
      { method: 'POST', path, headers, body },
      {
        onRequestStart: (controller) => {
          running = controller;
          if (late) controller.abort(late);
        },
        onResponseStart: (_controller, code, fields) => {
          status = code;
          received = fields;
        },
        onResponseData: (_controller, chunk) => {
          chunks.push(chunk);
        },
        onResponseEnd: () => {
          clearTimeout(timer);
          const [first] = chunks;
          const whole = first && chunks.length === 1 ? first : Buffer.concat(chunks);
          resolve({ status, headers: received, body: whole });
        },
        onResponseError: (_controller, error) => {
          clearTimeout(timer);
          reject(error);
        },
      },
    );
  });
