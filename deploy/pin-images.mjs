// Keeps the digests of the images in step with their tags, in compose.yaml and the Dockerfiles.
//   node deploy/pin-images.mjs          writes the digest that each tag has now
//   node deploy/pin-images.mjs --check  exit code 1 if a digest is missing, or if its registry does not have it
// Needs `docker buildx`. An image is pulled by its digest alone; the tag says which version that is.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const files = ['compose.yaml', 'deploy/Dockerfile', 'schema/subgraph-template/Dockerfile'];

/** Images of other people, with their digest if they have one; our own is built. */
const pattern = /((?:image:|FROM) )(?!rookery:)([\w./-]+:[\w.-]+)(?:@(sha256:[0-9a-f]{64}))?/g;

export const imagesIn = (text) => [...text.matchAll(pattern)].map(([, , tag, digest]) => ({ tag, digest }));

export const pin = (text, digestOf) =>
  text.replace(pattern, (_, before, tag) => `${before}${tag}@${digestOf(tag)}`);

const inspect = (image) =>
  execFileSync('docker', ['buildx', 'imagetools', 'inspect', image, '--format', '{{.Manifest.Digest}}'], {
    encoding: 'utf8',
  }).trim();

/** Returns why an image is not pinned as it should be; undefined if it is. */
const problemOf = ({ tag, digest }) => {
  if (digest === undefined) return `${tag} has no digest`;
  const found = inspect(`${tag.replace(/:.*/, '')}@${digest}`);
  return found === digest ? undefined : `${tag} is not ${digest}`;
};

const root = fileURLToPath(new URL('..', import.meta.url));

const pinAll = () => {
  for (const file of files) writeFileSync(root + file, pin(readFileSync(root + file, 'utf8'), inspect));
  return 0;
};

const checkAll = () => {
  const problems = files.flatMap((file) =>
    imagesIn(readFileSync(root + file, 'utf8')).flatMap((image) => {
      const problem = problemOf(image);
      return problem === undefined ? [] : [`${file}: ${problem}`];
    }),
  );
  for (const problem of problems) console.error(problem);
  return problems.length > 0 ? 1 : 0;
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exit(process.argv.includes('--check') ? checkAll() : pinAll());
