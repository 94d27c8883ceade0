import type { CheckReport, StatesToCheck } from '@rookery/schema/check';
import type { Composer } from './compose/composer.ts';
import { RegistryError } from './errors.ts';
import type { CheckRequest } from './input.ts';
import { approvalsFor } from './storage/approvals.ts';
import { type Check, insertCheck } from './storage/checks.ts';
import type { Database } from './storage/database.ts';
import { type OperationUsage, type UsageWindow, usagePages } from './storage/read-usage.ts';
import { readTrusted } from './storage/trusted-documents.ts';
import { headOf, readContents, type Subgraph, type Version } from './storage/versions.ts';
import { enqueueEvent } from './storage/webhooks.ts';

const dayMs = 86_400_000;
/** Rows and characters of the usage that one check may join; a check never disregards a part of it. */
const maxRows = 500_000;
const maxCharacters = 256 * 1024 * 1024;

const sdlsOf = (subgraphs: readonly Pick<Subgraph, 'name' | 'sdl'>[]): Record<string, string> =>
  Object.fromEntries(subgraphs.map(({ name, sdl }) => [name, sdl]));

export interface Checked {
  readonly check: Check;
  readonly report: CheckReport;
}

/** Checks what a publication would change, joined with the traffic of an environment. */
export class Checks {
  readonly #database: Database;
  readonly #composer: Composer;

  constructor(database: Database, composer: Composer) {
    this.#database = database;
    this.#composer = composer;
  }

  /**
   * Compares the newest version that composes with the same one plus the subgraphs of the request, and stores the report.
   * @throws RegistryError BAD_USER_INPUT
   */
  async run(environment: string, request: CheckRequest): Promise<Checked> {
    const database = this.#database;
    const base = await database.read((client) => headOf(client));
    const report = await this.#composer.check(await this.#states(environment, request, base));
    const check = await database.transaction(async (client) => {
      const stored = await insertCheck(client, environment, request, base?.version ?? null, report);
      await enqueueEvent(client, 'check.finished', { ...stored, failures: report.failures });
      return stored;
    });
    return { check, report };
  }

  async #states(
    environment: string,
    { subgraphs, remove, rules, contracts, lint, pullRequest }: CheckRequest,
    base: Version | undefined,
  ): Promise<StatesToCheck> {
    const before = base === undefined ? [] : await readContents(this.#database, base.subgraphs);
    const names = new Set(before.map(({ name }) => name));
    const unknown = remove.filter((name) => !names.has(name));
    if (unknown.length > 0)
      throw new RegistryError('BAD_USER_INPUT', `remove names ${unknown.join(', ')}, which no version has.`);
    const kept = before.filter(({ name }) => !remove.includes(name));
    const now = Date.now();
    const window = {
      from: new Date(now - rules.usage.windowDays * dayMs).toISOString(),
      to: new Date(now).toISOString(),
    };
    const [operations, trusted, approvals] = await Promise.all([
      this.#usage(environment, window),
      readTrusted(this.#database, environment),
      approvalsFor(this.#database, pullRequest),
    ]);
    return {
      baseName: base === undefined ? null : `version ${base.version}`,
      base: base === undefined ? undefined : sdlsOf(before),
      head: { ...sdlsOf(kept), ...sdlsOf(subgraphs) },
      files: Object.fromEntries(
        subgraphs.flatMap(({ name, file }) => (file === undefined ? [] : [[name, file]])),
      ),
      rules,
      contracts,
      lint,
      acceptances: approvals.map(({ coordinate, message, reason }) => ({
        path: coordinate,
        message,
        reason,
      })),
      usage: { source: environment, ...window, operations, trusted },
    };
  }

  async #usage(environment: string, window: UsageWindow): Promise<OperationUsage[]> {
    const all: OperationUsage[] = [];
    let characters = 0;
    for await (const page of usagePages(this.#database, environment, window)) {
      all.push(...page);
      characters += page.reduce((sum, { document }) => sum + document.length, 0);
      if (all.length > maxRows || characters > maxCharacters)
        throw new RegistryError(
          'BAD_USER_INPUT',
          'rules.usage.windowDays: the window has more usage than one check can join; make it shorter.',
        );
    }
    return all;
  }
}
