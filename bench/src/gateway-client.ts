import { Pool } from 'undici';

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
    const { body } = await this.#pool.request({
      method: 'POST',
      path: '/graphql',
      headers: this.#headers,
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await body.json()) as { data: T | null; errors?: unknown };
    if (errors || !data) throw new Error(JSON.stringify(errors));
    return data;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
  }
}
