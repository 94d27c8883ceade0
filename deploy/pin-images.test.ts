import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { imagesIn, pin } from './pin-images.mjs';

const read = (file: string) => readFileSync(new URL(`../${file}`, import.meta.url), 'utf8');

test.each(['compose.yaml', 'deploy/Dockerfile', 'schema/subgraph-template/Dockerfile'])(
  '%s pins its images by tag and digest',
  (file) => {
    const images = imagesIn(read(file));
    expect(images.length, file).toBeGreaterThan(1);
    for (const { tag, digest } of images) expect(digest, tag).toMatch(/^sha256:[0-9a-f]{64}$/);
    // The command writes exactly this if no tag has moved.
    const known = new Map(images.map(({ tag, digest = '' }) => [tag, digest]));
    expect(pin(read(file).replace(/@sha256:[0-9a-f]{64}/g, ''), (tag) => known.get(tag) ?? '')).toBe(
      read(file),
    );
  },
);
