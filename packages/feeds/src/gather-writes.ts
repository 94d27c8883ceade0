import { isCluster, type RedisClient } from '@rookery/redis';

/**
 * Returns a function to call before each command: it lets all commands up to the end of a run of promises leave by one write. The
 * client writes each command by itself otherwise, and a batch of events or a page asks for dozens at a time; a write takes longer
 * than a short command. On a cluster it does nothing: each command may go to another node.
 */
export const gatherWrites = (redis: RedisClient): (() => void) => {
  if (isCluster(redis)) return () => {};
  let isGathering = false;
  return () => {
    // Absent before the first connection.
    const stream: typeof redis.stream | undefined = redis.stream;
    if (isGathering || stream === undefined) return;
    isGathering = true;
    stream.cork();
    // After the promises that are settled by now, and before the event loop goes on.
    process.nextTick(() => {
      isGathering = false;
      stream.uncork();
    });
  };
};
