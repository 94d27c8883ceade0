import { readFile } from 'node:fs/promises';
import { checkOrder, type LaunchStatement, verifySupergraph } from '@rookery/registry-protocol';
import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import type { OpenedSupergraph, SupergraphSeal } from '../supergraph/source.ts';

export interface SignedSupergraphsOptions {
  /** File with the public keys of the registry, as a JWK set. It is read for each supergraph, so that keys can rotate. */
  readonly keysFile: string;
  /** Environment that the supergraph must be made for. */
  readonly environment: string;
}

const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).min(1) });

/** Accepts only supergraphs that the registry has signed, each later than the one before. */
export class SignedSupergraphs implements SupergraphSeal {
  readonly #options: SignedSupergraphsOptions;
  #served: LaunchStatement | undefined;

  constructor(options: SignedSupergraphsOptions) {
    this.#options = options;
  }

  async open(text: string): Promise<OpenedSupergraph> {
    const { environment } = this.#options;
    const { sdl, statement } = await verifySupergraph(text, await this.#keys(), environment);
    checkOrder(statement, this.#served);
    return { sdl, launch: statement.launch, accept: () => this.#accept(statement) };
  }

  #accept(statement: LaunchStatement): void {
    this.#served = statement;
  }

  async #keys(): Promise<JSONWebKeySet> {
    const { keysFile } = this.#options;
    try {
      return keySet.parse(JSON.parse(await readFile(keysFile, 'utf8')));
    } catch {
      throw new Error(`SUPERGRAPH_KEYS_FILE: ${keysFile} is not a readable JWK set`);
    }
  }
}
