import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/** A claim counts for this long at least, and for twice as long at most: by then whoever made it listens. Milliseconds. */
const claimLife = 120_000;

/** Folders of claims, one for each user of the machine. */
const prefix = 'rookery-ports';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

/**
 * Ports that are claimed, for every process of the machine to see: one file for each, in a folder of the user's own,
 * so that nobody needs to write where another may. Whoever claims a port writes first and looks at the others' claims
 * then: of two who do so at once, one at least sees the other and steps back.
 */
export class PortClaims {
  readonly #parent: string;
  readonly #own: string;

  /** @param parent the folder for temporary files, which all users share */
  constructor(parent: string = tmpdir(), user: string = String(userInfo().uid)) {
    this.#parent = parent;
    this.#own = join(parent, `${prefix}-${user}`);
  }

  /**
   * Whether the port is now this caller's to listen on, and nobody else's who claims ports.
   * @throws where this user's claims can't be written
   */
  claim(port: number, now: number = Date.now()): boolean {
    const period = Math.floor(now / claimLife);
    const file = join(this.#own, `${port}.${period}`);
    if (!this.#write(file)) return false;
    const rivals = this.#folders().flatMap((folder) =>
      [period - 1, period, period + 1].map((any) => join(folder, `${port}.${any}`)),
    );
    if (!rivals.some((rival) => rival !== file && existsSync(rival))) return true;
    rmSync(file, { force: true });
    return false;
  }

  /** Removes this user's claims that count no more. */
  sweep(now: number = Date.now()): void {
    const oldest = Math.floor(now / claimLife) - 1;
    for (const name of existsSync(this.#own) ? readdirSync(this.#own) : [])
      if (Number(name.split('.')[1]) < oldest) rmSync(join(this.#own, name), { force: true });
  }

  #folders(): string[] {
    return readdirSync(this.#parent)
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(this.#parent, name));
  }

  #write(file: string): boolean {
    try {
      if (!existsSync(this.#own)) {
        mkdirSync(this.#own, { recursive: true });
        chmodSync(this.#own, 0o755); // others must be able to look, whatever the umask
      }
      writeFileSync(file, '', { flag: 'wx' });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST' && existsSync(file)) return false;
      throw new Error(
        `no port can be claimed: ${file} can't be written (${codeOf(error)}). ${this.#own} must be a folder of this user's own: remove it, or set TMPDIR`,
        { cause: error },
      );
    }
  }
}
