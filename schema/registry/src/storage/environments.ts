import type { Database } from './database.ts';

/** Tables with an index that begins with the environment. */
type EnvironmentTable = 'usage' | 'usage_days' | 'launches' | 'app_versions' | 'checks';

/** Returns the environments that a table has rows of, with one look-up in its index for each. */
export const environmentsIn = async (database: Database, table: EnvironmentTable): Promise<string[]> => {
  const rows = await database.query<{ environment: string }>(
    `with recursive found as (
       (select environment from registry.${table} order by environment limit 1)
       union all
       select (select environment from registry.${table} where environment > found.environment
               order by environment limit 1)
       from found where found.environment is not null
     )
     select environment from found where environment is not null`,
  );
  return rows.map(({ environment }) => environment);
};

/** Returns the environments that anything was delivered to, published for, checked with or reported of. */
export const listEnvironments = async (database: Database): Promise<string[]> => {
  const tables = ['launches', 'app_versions', 'checks', 'usage_days'] as const;
  const found = await Promise.all(tables.map((table) => environmentsIn(database, table)));
  return [...new Set(found.flat())].sort();
};
