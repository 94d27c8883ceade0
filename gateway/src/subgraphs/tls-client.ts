import { type Dispatcher, Pool } from 'undici';
import { wholeBody } from '../http/whole-body.ts';
import {
  checkHeader,
  connectTimeoutMs,
  type HttpClient,
  type HttpClientOptions,
  type HttpPost,
  type HttpResponse,
  keepAliveMs,
  maxConnections,
} from './http-client.ts';

/** Sends requests over TLS, by HTTP/2 if the server has it. A request is sent at the end of a turn of the event loop. */
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

  post(request: HttpPost): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      const response = new Response(request, resolve, reject);
      setImmediate(() => {
        try {
          this.#pool.dispatch(optionsOf(request), response);
        } catch (error) {
          response.onResponseError(undefined, error);
        }
      });
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}

/** @throws TypeError if a header cannot be sent: undici would fail this request, and send no later one if it is the first. */
const optionsOf = ({ path, headers: make, body }: HttpPost): Dispatcher.DispatchOptions => {
  const headers = make();
  for (const name in headers) checkHeader(name, headers[name] ?? '');
  return { method: 'POST', path, headers, body };
};

/** One response. The pool's own `request` would create a stream for each, which costs as much as the rest of a fetch. */
class Response implements Dispatcher.DispatchHandler {
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #headers: HttpResponse['headers'] = {};
  #running: Dispatcher.DispatchController | undefined;
  #late: Error | undefined;

  constructor(
    { timeoutMs, onTimeout }: HttpPost,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => {
      this.#late = onTimeout();
      this.#running?.abort(this.#late);
      reject(this.#late);
    }, timeoutMs);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#running = controller;
    if (this.#late) controller.abort(this.#late);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: HttpResponse['headers'],
  ): void {
    this.#status = status;
    this.#headers = headers;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    clearTimeout(this.#timer);
    this.#resolve({ status: this.#status, headers: this.#headers, body: wholeBody(this.#chunks) });
  }

  onResponseError(_controller: Dispatcher.DispatchController | undefined, error: unknown): void {
    clearTimeout(this.#timer);
    this.#reject(error);
  }
}
