import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Logger } from '@rookery/runtime';
import type { SigningKeys } from '@rookery/runtime/signing-keys';

const intervalMs = 1_000;

/** Keeps the public keys in a file, which gateways may read and the registry alone may write. */
export class PublicKeysFile implements Disposable {
  readonly #file: string;
  readonly #keys: { readonly current: SigningKeys };
  readonly #timer: NodeJS.Timeout;
  #written = '';

  /** Writes the file. @throws Error if it cannot be written */
  static async open(
    file: string,
    keys: { readonly current: SigningKeys },
    log: Logger,
  ): Promise<PublicKeysFile> {
    const opened = new PublicKeysFile(file, keys, log);
    await opened.#write();
    return opened;
  }

  private constructor(file: string, keys: { readonly current: SigningKeys }, log: Logger) {
    this.#file = file;
    this.#keys = keys;
    this.#timer = setInterval(() => {
      this.#write().catch((error) =>
        log.error({ error, file }, 'failed to write the public keys; trying again'),
      );
    }, intervalMs).unref();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  async #write(): Promise<void> {
    const text = `${JSON.stringify(this.#keys.current.published)}\n`;
    if (text === this.#written) return;
    await mkdir(dirname(this.#file), { recursive: true });
    await writeFile(`${this.#file}.new`, text);
    await rename(`${this.#file}.new`, this.#file);
    this.#written = text;
  }
}
