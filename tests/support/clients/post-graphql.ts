export interface PostOptions {
  /** Access token. */
  readonly token?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Posts one operation as JSON and returns the parsed response with its status and headers. */
export const postGraphql = async <T extends object>(
  url: string,
  operation: { readonly query: string; readonly variables?: object | undefined },
  { token, headers = {} }: PostOptions = {},
): Promise<T & { readonly status: number; readonly headers: Headers }> => {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: JSON.stringify(operation),
  });
  return { ...((await response.json()) as T), status: response.status, headers: response.headers };
};
