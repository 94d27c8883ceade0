import { environmentName } from '@rookery/registry-protocol';
import { z } from 'zod';
import type { Composer } from '../compose/composer.ts';
import { versionNumber } from '../input.ts';
import type { Registry } from '../registry.ts';
import type { Database } from '../storage/database.ts';

/** Parts of the registry that the pages read. */
export interface PageParts {
  readonly registry: Registry;
  readonly database: Database;
  readonly composer: Composer;
}

/** Query of the address of a page. */
export const pageQuery = z.object({
  environment: environmentName.optional(),
  before: versionNumber.optional(),
  version: versionNumber.optional(),
});

type PageQuery = z.output<typeof pageQuery>;

/** Request for a view. */
export interface PageRequest {
  readonly query: PageQuery;
  /** The chosen environment, or the first; undefined if there is none. */
  readonly environment: string | undefined;
  /** Number in the path; undefined for a list. */
  readonly number: number | undefined;
}

/** Rows of one page of a list. */
export const rowsOfPage = 50;

const windowMs = 30 * 86_400_000;

/** Window of the usage that pages show. */
export const lastDays = (now = Date.now()): { readonly from: string; readonly to: string } => ({
  from: new Date(now - windowMs).toISOString(),
  to: new Date(now).toISOString(),
});
