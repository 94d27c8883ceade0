import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GatewayOptions } from '@rookery/gateway';

/** A file that gateways read their supergraph from, in a folder of its own. */
export class SupergraphFile implements Disposable {
  readonly dir = mkdtempSync(join(tmpdir(), 'rookery-supergraph-'));
  readonly path = join(this.dir, 'supergraph.graphql');
  #sdl = '';

  /** Supergraph that was composed for the gateway. */
  get sdl(): string {
    return this.#sdl;
  }

  /** Returns the supergraph option of `startGateway`, which writes the file first. */
  readonly source =
    (pollIntervalMs: number, more: { readonly lastGood?: string | undefined } = {}) =>
    (composed: string): Exclude<GatewayOptions['supergraph'], string> => {
      this.#sdl = composed;
      this.write(composed);
      return { from: this.path, pollIntervalMs, ...more };
    };

  write(sdl: string): void {
    writeFileSync(this.path, sdl);
  }

  /** Returns the composed supergraph without one field. */
  without(field: string): string {
    return this.#sdl.replace(new RegExp(`^ *${field}:.*\n`, 'm'), '');
  }

  [Symbol.dispose](): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
