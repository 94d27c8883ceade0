import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';

/**
 * A claim is valid for at least this long, and at most twice as long. By then its owner listens on the port.
 */
const claimTtlMs = 120_000;

/** Prefix of the folders of claims, one for each user of the machine. */
const prefix = 'rookery-ports';

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error ? String(error.code) : undefined;

const cannotClaim = (file: string, folder: string, cause: unknown): Error =>
  new Error(
    `no port can be claimed: ${file} can't be written (${codeOf(cause)}). ${folder} must be a folder of this user's own: remove it, or set TMPDIR`,
    { cause },
  );

/**
 * Claims of ports that all processes of the machine see: one file for each, in a folder of its user, so that
 * no user writes to the folder of another. A process first writes its claim and then reads those of others:
 * if two processes do so concurrently, at least one of them sees the other and gives way.
 */
export class PortClaims {
  readonly #parent: string;
  readonly #own: string;

  /** @param parent folder for temporary files, shared by all users */
  constructor(parent: string = tmpdir(), user: string = String(userInfo().uid)) {
    this.#parent = parent;
    this.#own = join(parent, `${prefix}-${user}`);
  }

  /**
   * Returns whether the port is now reserved for this caller among all processes that claim ports.
   * @throws if the claims of this user cannot be written
   */
  claim(port: number, now: number = Date.now()): boolean {
    const period = Math.floor(now / claimTtlMs);
    const file = join(this.#own, `${port}.${period}`);
    if (!this.#write(file)) return false;
    const rivals = this.#folders().flatMap((folder) =>
      [period - 1, period, period + 1].map((any) => join(folder, `${port}.${any}`)),
    );
    if (!rivals.some((rival) => rival !== file && existsSync(rival))) return true;
    rmSync(file, { force: true });
    return false;
  }

  /** Removes expired claims of this user. */
  sweep(now: number = Date.now()): void {
    const oldest = Math.floor(now / claimTtlMs) - 1;
    for (const name of existsSync(this.#own) ? readdirSync(this.#own) : [])
      if (Number(name.split('.')[1]) < oldest) rmSync(join(this.#own, name), { force: true });
  }

  #folders(): string[] {
    return readdirSync(this.#parent)
      .filter((name) => name.startsWith(prefix))
      .map((name) => join(this.#parent, name));
  }

  /** Creates the file. Returns false if it exists already, even if its owner removes it at this very moment. */
  #write(file: string): boolean {
    try {
      this.#createFolder();
    } catch (error) {
      throw cannotClaim(file, this.#own, error);
    }
    try {
      writeFileSync(file, '', { flag: 'wx' });
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw cannotClaim(file, this.#own, error);
    }
  }

  #createFolder(): void {
    if (existsSync(this.#own)) return;
    mkdirSync(this.#own, { recursive: true });
    chmodSync(this.#own, 0o755); // others must be able to look, whatever the umask
  }
}
