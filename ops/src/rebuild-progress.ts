import type { RebuildProgress } from '@rookery/projector';
import { duration } from './duration.ts';

/** Returns one line about the progress of a rebuild. */
export const describeProgress = ({ phase, position, head, rate, left }: RebuildProgress): string =>
  phase === 'wait'
    ? `a rebuild was begun and not ended: waiting for a sign of life of the process that was at it, ${duration(left)} more`
    : `${phase}: ${position} of ${head}, ${Math.round(rate)} events/s, ${duration(left)} left`;
