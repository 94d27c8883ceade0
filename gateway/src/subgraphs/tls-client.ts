import { type Dispatcher, Pool } from 'undici';
import { wholeBody } from '../http/whole-body.ts';
import {
  connectTimeoutMs,
  type HttpClient,
  type HttpClientOptions,
  type HttpPost,
  type HttpResponse,
  keepAliveMs,
  maxConnections,
} from './http-client.ts';

/** Sends requests over TLS, by HTTP/2 if the server has it. */
export class TlsClient implements HttpClient {
  readonly #pool: Pool;

  constructor(origin: string, { maxBytes }: HttpClientOptions) {
    this.#pool = new Pool(origin, {
      connections: maxConnections,
      connect: { timeout: connectTimeoutMs },
      keepAliveTimeout: keepAliveMs,
      // `post` keeps the time of the whole.
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: maxBytes,
    });
  }

  /** The pool's own `request` would create a stream for each response, which costs as much as the rest of a fetch. */
  post({ path, headers, body, timeoutMs, onTimeout }: HttpPost): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
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
      this.#pool.dispatch(
        { method: 'POST', path, headers: headers(), body },
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
            resolve({ status, headers: received, body: wholeBody(chunks) });
          },
          onResponseError: (_controller, error) => {
            clearTimeout(timer);
            reject(error);
          },
        },
      );
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
