import { readFile, rename, writeFile } from 'node:fs/promises';

/**
 * File that holds the last good version of what a gateway fetches, for a start without its source. Versions are written
 * one after the other, and none after disposal, which waits for the version being written: whoever stopped the gateway
 * may then remove the folder.
 */
export class LastGoodFile implements AsyncDisposable {
  readonly #path: string | undefined;
  #writing: Promise<void> = Promise.resolve();
  #closed = false;

  /** @param path undefined keeps nothing */
  constructor(path: string | undefined) {
    this.#path = path;
  }

  /** Returns the text that was kept last; undefined if there is none or it can't be read. */
  async read(): Promise<string | undefined> {
    return this.#path === undefined ? undefined : readFile(this.#path, 'utf8').catch(() => undefined);
  }

  /**
   * Keeps a text in place of the one before.
   * @throws Error of the file system
   */
  async keep(text: string): Promise<void> {
    const written = this.#writing.then(() => this.#write(text));
    this.#writing = written.catch(() => {});
    return written;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    await this.#writing;
  }

  async #write(text: string): Promise<void> {
    if (this.#path === undefined || this.#closed) return;
    // A crash leaves the old version or the new one, never half of one.
    await writeFile(`${this.#path}.new`, text);
    await rename(`${this.#path}.new`, this.#path);
  }
}
