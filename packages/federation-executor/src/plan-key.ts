/** Returns the key under which the plan of an operation is cached. @param queryHash SHA-256 of the text, in hex */
export const planKey = (queryHash: string, operationName: string | undefined): string =>
  operationName ? `${queryHash} ${operationName}` : queryHash;
