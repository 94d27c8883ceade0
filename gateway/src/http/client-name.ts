/** Name and version that a client claims. Unverified, for logs only. */
export interface ClientName {
  readonly name: string | undefined;
  readonly version: string | undefined;
}

/** Apollo's headers, which its clients and many others send; in connection_init the same keys. */
const clientHeaders = ['apollographql-client-name', 'apollographql-client-version'] as const;
const [nameHeader, versionHeader] = clientHeaders;

const printable = /^[\x20-\x7e]{1,100}$/;
const sane = (value: unknown): string | undefined =>
  typeof value === 'string' && printable.test(value) ? value : undefined;

export const clientNameFrom = (given: Readonly<Record<string, unknown>> | undefined): ClientName => ({
  name: sane(given?.[nameHeader]),
  version: sane(given?.[versionHeader]),
});
