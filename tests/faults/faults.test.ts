import { describe, expect, it } from 'vitest';
import { faults } from './faults/index.ts';

describe('the fault matrix', () => {
  it('has every row', () => {
    const rows = new Set(faults.map(({ row }) => row));
    expect([...rows]).toEqual(
      expect.arrayContaining([
        'kill -9 gateway, mutation or query subgraph',
        'kill -9 recorder before commit, after commit, after publish',
        'kill -9 projector mid-batch, after apply',
        'queue down',
        'event store down 60 s',
        'event store frozen (SIGSTOP)',
        'documents down',
        'a statement that takes too long',
        'Redis flushed or down',
        'duplicate ×3, reordered',
        'poison event',
        'unknown event version',
        'mutation replicas with clocks 5 s apart',
        'slow subscriber, never-reading socket',
        'disk full (store, queue)',
        'clock ±2 h on one process',
        'projection tampered with (row edited, deleted, added)',
        'rebuild under load, killed half way',
        'a post with 5,000,000 likes, an author with 5,000,000 followers',
        'gateway stopped with open sockets',
        'two recorders',
        'an idempotency key used again after its window',
      ]),
    );
  });

  it('has every fault under a name of its own', () => {
    const names = faults.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  });
});
