import { connect, type Socket } from 'node:net';
import { connectTimeoutMs, type HttpResponse } from './http-client.ts';
import { ResponseReader } from './response-reader.ts';

/** Bytes that are read at a time. */
const readBytes = 32_768;

/** A request on its way. */
export interface Exchange {
  /** The request line and the headers, with the empty line. */
  readonly head: string;
  readonly body: string;
  readonly onResponse: (response: HttpResponse) => void;
  readonly onFailure: (error: unknown) => void;
}

export interface HttpConnectionOptions {
  readonly host: string;
  readonly port: number;
  readonly maxBytes: number;
  /** Called when a response is complete and the connection may be used again. */
  readonly onReleased: (connection: HttpConnection) => void;
  readonly onClosed: (connection: HttpConnection) => void;
}

/**
 * A connection to a server that carries one request at a time. It is closed as soon as anything is in doubt: after a
 * time-out, a response that is not valid, or bytes that nobody asked for.
 */
export class HttpConnection {
  /** Resolves once it is closed. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #reader: ResponseReader;
  readonly #options: HttpConnectionOptions;
  #exchange: Exchange | undefined;
  /** Until when it may be used again, by performance.now(). */
  #usableUntil = 0;

  constructor(options: HttpConnectionOptions) {
    const { host, port, maxBytes } = options;
    this.#options = options;
    this.#reader = new ResponseReader(maxBytes);
    this.#socket = connect({
      host,
      port,
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: 60_000,
      // Past the stream, which would allocate a buffer for each read.
      onread: {
        buffer: Buffer.allocUnsafeSlow(readBytes),
        callback: (length, buffer) => {
          this.#read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
          return true;
        },
      },
    });
    const late = setTimeout(
      () => this.close(new Error(`no connection after ${connectTimeoutMs} ms`)),
      connectTimeoutMs,
    );
    this.#socket.once('connect', () => clearTimeout(late));
    this.#socket.on('error', (error) => this.close(error));
    this.#socket.on('end', () => this.#end());
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#socket.on('close', () => {
      resolve();
      clearTimeout(late);
      this.close(new Error('the connection was closed'));
      options.onClosed(this);
    });
  }

  /** True if it may be used again now: it is open, and its server has kept it for a shorter time than promised. */
  get isUsable(): boolean {
    return !this.#socket.destroyed && this.#usableUntil > performance.now();
  }

  /** Sends a request. No other one may be on its way. */
  send(exchange: Exchange): void {
    const { head, body } = exchange;
    this.#exchange = exchange;
    // Nearly all heads are ASCII, of which the encoding is the same: then head and body are one write.
    if (Buffer.byteLength(head) === head.length) this.#socket.write(head + body);
    else {
      this.#socket.cork();
      this.#socket.write(head, 'latin1');
      this.#socket.write(body);
      this.#socket.uncork();
    }
  }

  /** Closes it at once. A request on its way fails. */
  close(cause: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#socket.destroy();
    exchange?.onFailure(cause);
  }

  #read(bytes: Buffer): void {
    if (this.#exchange === undefined) {
      this.close(undefined);
      return;
    }
    try {
      const complete = this.#reader.read(bytes);
      if (complete !== undefined) this.#complete(complete.response, complete.reusableForMs);
    } catch (error) {
      this.close(error);
    }
  }

  #end(): void {
    if (this.#exchange === undefined) return;
    try {
      const complete = this.#reader.end();
      if (complete !== undefined) this.#complete(complete.response, 0);
      else this.close(new Error('the server closed the connection'));
    } catch (error) {
      this.close(error);
    }
  }

  #complete(response: HttpResponse, reusableForMs: number): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    // A response that comes before the request is sent: what is left of that would be read as the next one.
    if (reusableForMs === 0 || this.#socket.writableLength > 0) this.#socket.destroy();
    else {
      this.#usableUntil = performance.now() + reusableForMs;
      this.#options.onReleased(this);
    }
    exchange?.onResponse(response);
  }
}
