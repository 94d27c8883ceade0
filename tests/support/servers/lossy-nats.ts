import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { FreshServer } from '../index.ts';

/**
 * Kills the server, and lets it come back without the messages of this stream, as after a disk that was full.
 * @param home the folder that was given to the server for its own
 */
export const restartWithout = async (nats: FreshServer, home: string, stream: string): Promise<void> => {
  await nats.kill();
  const [server = ''] = readdirSync(home).filter((name) => !name.endsWith('.log'));
  const dir = join(home, server, 'nats', 'jetstream', '$G', 'streams', stream);
  rmSync(join(dir, 'msgs'), { recursive: true });
  await nats.restart();
};
