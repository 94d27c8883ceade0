import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Fault, FaultContext } from '../fault.ts';
import { sample, within2s } from './sample.ts';

const row = 'disk full (store, queue)';
/** Room for an empty database and its log, and for the streams. */
const mebibytes = 300;

const needsRoot = async (): Promise<string | undefined> =>
  process.platform === 'linux' && process.getuid?.() === 0
    ? undefined
    : 'needs root on Linux, to mount a disk of a small size';

/** A disk of its own, in memory. */
const smallDisk = (resources: AsyncDisposableStack): string => {
  const dir = mkdtempSync(join(tmpdir(), 'rookery-disk-'));
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=755`, 'tmpfs', dir]);
  resources.defer(() => {
    execFileSync('umount', ['-l', dir]);
    rmSync(dir, { recursive: true, force: true });
  });
  chmodSync(dir, 0o755);
  return dir;
};

const disks = new Map<string, string>();

/** Fills the disk to the last block, lasts, and makes room again. */
const full = async (
  { fired, hold }: FaultContext,
  dir: string,
  during: () => Promise<void>,
): Promise<void> => {
  const ballast = join(dir, 'ballast');
  const left = () => {
    const { bavail, bsize } = statfsSync(dir);
    return bavail * bsize;
  };
  const block = Buffer.alloc(1 << 20);
  try {
    while (left() > 0)
      writeFileSync(ballast, block.subarray(0, Math.min(block.length, left())), { flag: 'a' });
  } catch {
    // That was the last block.
  }
  if (left() < 65_536) fired(`${mebibytes} MiB are full`);
  try {
    await during();
    await hold(10);
  } finally {
    rmSync(ballast, { force: true });
  }
};

export const diskFaults: readonly Fault[] = [
  {
    name: 'disk-full-queue',
    row,
    expected: 'writes refused with a clear error; goes on when there is room',
    missing: needsRoot,
    async arena(resources) {
      const dir = smallDisk(resources);
      disks.set('queue', dir);
      return { queueHome: dir, env: { QUEUE_MAX_BYTES: String(32 << 20) } };
    },
    async run(context) {
      await full(context, disks.get('queue') ?? '', async () => {
        const { writes, reads } = await sample(context, 8);
        within2s(
          context,
          'disk of the queue full',
          writes.map(({ took }) => took),
        );
        context.expect(
          'reads go on',
          reads.every(({ ok }) => ok),
          reads,
        );
      });
      // NATS disables JetStream for good when its disk is full. Its health check reports this, and its
      // supervisor restarts it once there is space.
      await context.arena.servers.queue.restart();
    },
  },
  {
    name: 'disk-full-store',
    row,
    expected: 'mutations go on and queue; recorded when there is room',
    missing: needsRoot,
    async arena(resources) {
      const dir = smallDisk(resources);
      disks.set('store', dir);
      return { storeHome: dir };
    },
    async run(context) {
      await full(context, disks.get('store') ?? '', async () => {
        const { writes, reads } = await sample(context, 8);
        context.expect(
          'mutations go on',
          writes.every(({ ok }) => ok),
          writes,
        );
        context.expect(
          'reads go on',
          reads.every(({ ok }) => ok),
          reads,
        );
      });
      // Postgres stops if it cannot write its log. Its supervisor restarts it once there is space.
      await context.arena.servers.store.restart();
    },
  },
];
