import type { Dispatcher, Pool } from 'undici';

export interface HttpPostOptions {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Creates the error with which the promise rejects after the time-out. */
  readonly onTimeout: () => Error;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Still encoded, if the response has a Content-Encoding. */
  readonly body: Buffer;
}

/**
 * Sends one POST and returns the whole response. The pool's own `request` would create a stream for each response, which
 * costs as much as the rest of a fetch.
 */
export const post = (
  pool: Pool,
  { path, headers, body, timeoutMs, onTimeout }: HttpPostOptions,
): Promise<HttpResponse> =>
  new Promise((resolve, reject) => {
    let running: Dispatcher.DispatchController | undefined;
    let late: Error | undefined;
    let status = 0;
    let received: HttpResponse['headers'] = {};
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      late = onTimeout();
      running?.abort(late);
      reject(late);
    }, timeoutMs);

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
