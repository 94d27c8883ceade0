/** Returns SQL that selects a time as ISO 8601 in UTC, under a name. */
export const isoTime = (time: string, name: string): string =>
  `to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "${name}"`;
