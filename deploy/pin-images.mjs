// Keeps the digests of the images in step with their tags, in compose.yaml and deploy/Dockerfile.
//   node deploy/pin-images.mjs          writes the digest that each tag has now
//   node deploy/pin-images.mjs --check  exit code 1 if a digest is missing, or if its registry does not have it
// Needs `docker buildx`. An image is pulled by its digest alone; the tag says which version that is.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const files = ['compose.yaml', 'deploy/Dockerfile'];

/** Images of other people, with their digest if they have one; our own is built. */
const pattern = /((?:image:|FROM) )(?!rookery:)([\w./-]+:[\w.-]+)(?:@(sha256:[0-9a-f]{64}))?/g;

export const imagesIn = (text) => [...text.matchAll(pattern)].map(([, , tag, digest]) => ({ tag, digest }));

export const pin = (text, digestOf) =>
  text.replace(pattern, (_, before, tag) => `${before}${tag}@${digestOf(tag)}`);

const inspect = (image) =>
  execFileSync('docker', ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'], {
    encoding: 'utf8',
  }).trim();

const main = (check) => {
  const root = fileURLToPath(new URL('..', import.meta.url));
  let failed = false;
  for (const file of files) {
    const path = `${root}/${file}`;
    const text = readFileSync(path, 'utf8');
    if (!check) {
      writeFileSync(path, pin(text, inspect));
      continue;
    }
    for (const { tag, digest } of imagesIn(text)) {
      const found = digest === undefined ? undefined : inspect(`${tag.replace(/:.*/, '')}@${digest}`);
      if (found !== undefined && found === digest) continue;
      console.error(`${file}: ${tag} ${digest === undefined ? 'has no digest' : `is not ${digest}`}`);
      failed = true;
    }
  }
  return failed ? 1 : 0;
};

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exit(main(process.argv.includes('--check')));
