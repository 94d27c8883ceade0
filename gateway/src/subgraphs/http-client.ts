/** Sends requests to one server over connections that it keeps open. */
export interface HttpClient extends AsyncDisposable {
  /** Sends one POST and returns the whole response. */
  post(request: HttpPost): Promise<HttpResponse>;
}

export interface HttpPost {
  readonly path: string;
  /** Called when the request is sent: mutations that are sent at the same time share a signature. */
  readonly headers: () => Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Creates the error with which the promise rejects after the time-out. */
  readonly onTimeout: () => Error;
}

export interface HttpResponse {
  readonly status: number;
  /** By name in lower case; a list if a header came more than once. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Still encoded, if the response has a Content-Encoding. */
  readonly body: Buffer;
}

export interface HttpClientOptions {
  /** Longest body of a response, in bytes. */
  readonly maxBytes: number;
}

/** Maximum number of open connections to one server. */
export const maxConnections = 64;
/** Longest wait for a connection, in milliseconds. */
export const connectTimeoutMs = 2_000;
/** Time after which an unused connection is closed, unless the server names another one. In milliseconds. */
export const keepAliveMs = 30_000;
/** Matches the name of a header: a token (RFC 9110, section 5.6.2). */
export const headerName = /^[!#$%&'*+\-.^_`|~\dA-Za-z]+$/;
/** Matches what no header value may contain: it could begin another header, or another request. */
const forbidden = /[^\t\x20-\x7e\x80-\xff]/;

/** @throws TypeError if a header cannot be sent */
export const checkHeader = (name: string, value: string): void => {
  if (forbidden.test(value) || !headerName.test(name))
    throw new TypeError(`${name} cannot be sent as a header`);
};
