import {
  checkHeader,
  type HttpClient,
  type HttpClientOptions,
  type HttpPost,
  type HttpResponse,
  maxConnections,
} from './http-client.ts';
import { type Exchange, HttpConnection } from './http-connection.ts';

/** Interval between looks for connections that were not used for long, in milliseconds. */
const sweepMs = 5_000;

/**
 * Sends requests over HTTP/1.1. It does what a gateway needs and nothing else: whole bodies as text, one request at a
 * time on each connection, and no retries.
 *
 * A request is sent at the end of a turn of the event loop, on a connection that was free before that turn began. So bytes
 * that a server sent after its last response, or the end of the connection, have been read by then, and close the
 * connection instead of being taken for the response.
 */
export class KeepAliveClient implements HttpClient {
  readonly #host: string;
  readonly #port: number;
  readonly #hostHeader: string;
  readonly #options: HttpClientOptions;
  readonly #open = new Set<HttpConnection>();
  /** Free connections. The last one that was used is used first, since its server has it open most certainly. */
  readonly #free: HttpConnection[] = [];
  /** Connections that became free in this turn of the event loop. */
  #released: HttpConnection[] = [];
  /** Requests that wait for the end of the turn, or for a connection. */
  readonly #waiting: Post[] = [];
  readonly #sweep: NodeJS.Timeout;
  #immediate: NodeJS.Immediate | undefined;
  #isDisposed = false;

  /** @param url of the server, with the protocol http */
  constructor({ hostname, port, host }: URL, options: HttpClientOptions) {
    this.#host = hostname.replace(/^\[(.*)\]$/, '$1');
    this.#port = Number(port) || 80;
    this.#hostHeader = host;
    this.#options = options;
    this.#sweep = setInterval(() => this.#closeUnused(), sweepMs).unref();
  }

  post(request: HttpPost): Promise<HttpResponse> {
    return new Promise((resolve, reject) => {
      if (this.#isDisposed) throw new Error('the client is closed');
      this.#waiting.push(new Post(request, resolve, reject));
      this.#schedule();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isDisposed = true;
    clearInterval(this.#sweep);
    const cause = new Error('the client is closed');
    for (const post of this.#waiting.splice(0)) post.onFailure(cause);
    const open = [...this.#open];
    for (const connection of open) connection.close(cause);
    await Promise.all(open.map(({ closed }) => closed));
  }

  #schedule(): void {
    this.#immediate ??= setImmediate(() => this.#sendWaiting());
  }

  #sendWaiting(): void {
    this.#immediate = undefined;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      next.prepare(this.#hostHeader);
      const connection = next.isOver ? undefined : this.#connection();
      if (connection === undefined && !next.isOver) break;
      this.#waiting.shift();
      if (connection !== undefined) next.sendOn(connection);
    }
    this.#free.push(...this.#released);
    this.#released = [];
    if (this.#waiting.length > 0 && this.#free.length > 0) this.#schedule();
  }

  /** Returns a connection to use; undefined if all of them are in use, or become free with the next turn. */
  #connection(): HttpConnection | undefined {
    for (let free = this.#free.pop(); free !== undefined; free = this.#free.pop()) {
      if (free.isUsable) return free;
      free.close(undefined);
    }
    return this.#released.length > 0 || this.#open.size >= maxConnections ? undefined : this.#connect();
  }

  #connect(): HttpConnection {
    const connection = new HttpConnection({
      host: this.#host,
      port: this.#port,
      maxBytes: this.#options.maxBytes,
      onReleased: (released) => {
        this.#released.push(released);
        this.#schedule();
      },
      onClosed: (closed) => {
        this.#open.delete(closed);
        if (this.#waiting.length > 0) this.#schedule();
      },
    });
    this.#open.add(connection);
    return connection;
  }

  #closeUnused(): void {
    for (const connection of this.#free.splice(0)) {
      if (connection.isUsable) this.#free.push(connection);
      else connection.close(undefined);
    }
  }
}

/** One request, from the call to its response. */
class Post implements Exchange {
  readonly body: string;
  /** True once it is answered or has failed. */
  isOver = false;
  readonly #request: HttpPost;
  readonly #resolve: (response: HttpResponse) => void;
  readonly #reject: (error: unknown) => void;
  readonly #timer: NodeJS.Timeout;
  #head: string | undefined;
  #connection: HttpConnection | undefined;

  constructor(
    request: HttpPost,
    resolve: (response: HttpResponse) => void,
    reject: (error: unknown) => void,
  ) {
    const { body, timeoutMs, onTimeout } = request;
    this.#request = request;
    this.body = body;
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => {
      const late = onTimeout();
      if (this.#connection === undefined) this.onFailure(late);
      else this.#connection.close(late);
    }, timeoutMs);
  }

  get head(): string {
    return this.#head ?? '';
  }

  /** Makes the head. The request fails if a header cannot be sent. */
  prepare(host: string): void {
    if (this.isOver || this.#head !== undefined) return;
    try {
      this.#head = headOf(this.#request, host);
    } catch (error) {
      this.onFailure(error);
    }
  }

  sendOn(connection: HttpConnection): void {
    this.#connection = connection;
    connection.send(this);
  }

  onResponse(response: HttpResponse): void {
    this.#end();
    this.#resolve(response);
  }

  onFailure(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.isOver = true;
    this.#connection = undefined;
  }
}

/** @throws TypeError if a header cannot be sent */
const headOf = ({ path, headers, body }: HttpPost, host: string): string => {
  let head = `POST ${path} HTTP/1.1\r\nhost: ${host}\r\nconnection: keep-alive\r\n`;
  const sent = headers();
  for (const name in sent) {
    const value = sent[name] ?? '';
    checkHeader(name, value);
    head += `${name}: ${value}\r\n`;
  }
  return `${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n`;
};
