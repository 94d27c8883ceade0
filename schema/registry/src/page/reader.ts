import { environmentName } from '@rookery/registry-protocol';
import type { Change } from '@rookery/schema/changes';
import type { SubgraphGraph } from '@rookery/schema/graph';
import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import type { Composer } from '../compose/composer.ts';
import type { CoordinateUsage } from '../compose/messages.ts';
import { versionNumber } from '../input.ts';
import type { Registry } from '../registry.ts';
import type { Database } from '../storage/database.ts';

/** Results of the thread that composes, which pages show again. */
export interface PageCaches {
  /** Changes between two versions, which never change, by both numbers. */
  readonly changes: LRUCache<string, readonly Change[]>;
  /** Graphs by version, which never change. */
  readonly graphs: LRUCache<number, SubgraphGraph>;
  /** Usage by environment: it is made from everything that was reported, so not at each look. */
  readonly coordinates: LRUCache<string, readonly CoordinateUsage[]>;
}

export const createPageCaches = (): PageCaches => ({
  changes: new LRUCache({ max: 200 }),
  graphs: new LRUCache({ max: 20 }),
  coordinates: new LRUCache({ max: 20, ttl: 60_000 }),
});

/** Parts of the registry that the pages read. */
export interface PageParts {
  readonly registry: Registry;
  readonly database: Database;
  readonly composer: Composer;
  readonly caches: PageCaches;
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
