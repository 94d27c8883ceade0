import { errorCodeOf } from '@rookery/graphql-server';
import { Counter, Histogram, type Registry } from '@rookery/runtime';
import type { Verb } from '@rookery/schema/events';

/** Commands about sessions, which are no events. */
type SessionVerb = 'LOG_IN' | 'LOG_OUT' | 'CHANGE_PASSWORD' | 'REFRESH_SESSION';

export interface CommandMetrics {
  /** Runs a command and counts how it ended: `accepted`, or the code of the error. */
  count<T>(verb: Verb | SessionVerb, command: () => Promise<T>): Promise<T>;
  /** Counts a session that ended because one of its refresh tokens was used twice. */
  countReuse(): void;
  /** Runs a publish and notes how long the queue took to acknowledge it. */
  timePublish<T>(publish: () => Promise<T>): Promise<T>;
}

export const createCommandMetrics = (registry: Registry): CommandMetrics => {
  const commands = new Counter({
    name: 'rookery_mutation_commands_total',
    help: 'Commands by verb and outcome: accepted, or an error code',
    labelNames: ['verb', 'outcome'],
    registers: [registry],
  });
  const publish = new Histogram({
    name: 'rookery_mutation_publish_seconds',
    help: 'From handing an event to the queue to its acknowledgement, in seconds',
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers: [registry],
  });
  const reuses = new Counter({
    name: 'rookery_mutation_refresh_token_reuses_total',
    help: 'Sessions ended because a used-up refresh token was used again',
    registers: [registry],
  });
  return {
    countReuse: () => reuses.inc(),
    count: async (verb, command) => {
      try {
        const answer = await command();
        commands.inc({ verb, outcome: 'accepted' });
        return answer;
      } catch (error) {
        const outcome = errorCodeOf(error) ?? 'INTERNAL_SERVER_ERROR';
        commands.inc({ verb, outcome });
        throw error;
      }
    },
    timePublish: async (run) => {
      const done = publish.startTimer();
      try {
        return await run();
      } finally {
        done();
      }
    },
  };
};
