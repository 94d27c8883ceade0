import { type Dispatcher, Pool } from 'undici';

/** Sends requests to the gateway over persistent connections, as one signed-in user, or as nobody. */
export class GatewayClient implements AsyncDisposable {
  readonly #pool: Pool;
  readonly #headers: Record<string, string>;

  constructor(url: string, token?: string) {
    this.#pool = new Pool(url, { connections: 64 });
    this.#headers = {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
  }

  async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    const text = await this.#post(JSON.stringify({ query, variables }));
    const { data, errors } = JSON.parse(text) as { data: T | null; errors?: unknown };
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  /** Sends a body and returns that of the answer, without the stream that `request` makes for each: the load shares the machine. */
  #post(body: string): Promise<string> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const handler: Dispatcher.DispatchHandler = {
        // undici demands these two, unlike its types.
        onRequestStart: () => {},
        onResponseStart: () => {},
        onResponseData: (_, chunk) => void chunks.push(chunk),
        onResponseEnd: () => resolve(Buffer.concat(chunks).toString()),
        onResponseError: (_, error) => reject(error),
      };
      this.#pool.dispatch({ method: 'POST', path: '/graphql', headers: this.#headers, body }, handler);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
