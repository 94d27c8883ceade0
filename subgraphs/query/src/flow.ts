import { type Flow, readFlow } from '@rookery/message-queue';
import { oneAtATime } from '@rookery/runtime';
import type { Sources } from './sources.ts';

/** Returns a function that tells whether a write could reach a feed that is read here, and how late. */
export const flowReader = ({ queue, replicas }: Sources): (() => Promise<Flow>) =>
  oneAtATime(() =>
    readFlow(queue, async () => {
      const progress = await replicas.current.progress.read();
      return (projection) => progress.of(projection);
    }),
  );
