import type { Dashboard } from './dashboard.ts';
import { gateway } from './gateway.ts';
import { overview } from './overview.ts';
import { processes } from './processes.ts';
import { readModels } from './read-models.ts';
import { writes } from './writes.ts';

export type { Dashboard, Panel, Unit } from './dashboard.ts';

export const dashboards: readonly Dashboard[] = [overview, gateway, writes, readModels, processes];
