import { operationDigest, sharedMark, sharedTokenType } from '@rookery/subgraph-auth';

/** Requests that share a signature. More of them would save little, and each of them is sent with the digests of all. */
const maxTogether = 16;

/** Signs a JWT with these claims, of the type of internal tokens unless another one is given. */
export type SignClaims = (claims: object, type?: string) => string;

/**
 * One signature for mutations that are sent to a subgraph in the same turn of the event loop: verifying one takes longer than
 * anything else that a mutation subgraph does. It covers digests of the claims of each request, and each is sent with the
 * signature and its own claims. A request that is alone gets an ordinary token.
 */
export class SharedSignature {
  readonly #sign: SignClaims;
  readonly #requests: object[] = [];
  #tokens: readonly string[] | undefined;

  constructor(sign: SignClaims) {
    this.#sign = sign;
  }

  get takesMore(): boolean {
    return this.#tokens === undefined && this.#requests.length < maxTogether;
  }

  /** Adds a request. Returns a function that returns its token, and signs for all that were added if none has done so. */
  add(claims: object): () => string {
    const place = this.#requests.push(claims) - 1;
    return () => {
      this.#tokens ??= this.#signed();
      return this.#tokens[place] ?? '';
    };
  }

  #signed(): string[] {
    const [first] = this.#requests;
    if (first !== undefined && this.#requests.length === 1) return [this.#sign(first)];
    const texts = this.#requests.map(base64url);
    const signature = this.#sign({ requests: texts.map(operationDigest) }, sharedTokenType);
    return texts.map((text) => signature + sharedMark + text);
  }
}

/** Returns a value as JSON in base64url, as in a JWT. */
export const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
