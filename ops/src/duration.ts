/**
 * Formats a duration for people.
 * @param seconds duration in seconds
 */
export const duration = (seconds: number): string => {
  if (!Number.isFinite(seconds)) return 'unknown time';
  return seconds < 90 ? `${Math.ceil(seconds)} s` : `${Math.ceil(seconds / 60)} min`;
};
