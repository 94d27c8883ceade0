import { expect, test } from 'vitest';
import { shareOf } from './profile-share.ts';

test('sources count with all that they call, and idle time does not', () => {
  const node = (id: number, functionName: string, url: string, children: number[] = []) => ({
    ...{ id, callFrame: { functionName, url }, children },
  });
  const nodes = [
    node(1, '(root)', '', [2, 3, 6]),
    node(2, '(idle)', ''),
    node(3, 'answer', 'file:///gateway/src/http.ts', [4]),
    node(4, 'count', 'file:///gateway/src/registry/usage.ts', [5]),
    node(5, 'set', ''),
    node(6, '(garbage collector)', ''),
  ];
  const profile = { nodes, samples: [2, 3, 4, 5, 6, 1] };
  expect(shareOf(profile, (url) => url.includes('/registry/'))).toEqual({ share: 0.5, samples: 4 });
  expect(shareOf(profile, () => false).share).toBe(0);
});
