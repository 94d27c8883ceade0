// One step of replacing a secret of compose.yaml without a refused request (docs/how-to/rotate-secrets.md):
//   docker compose run --rm keys deploy/rotate-keys.mjs <secret> add|use|drop
// add: a new one is valid beside the old one. use: it comes first. drop: the old ones are gone.
// After add and drop the server must read its files; the guide has the command for each.
import { keyFiles, secrets } from './key-files.mjs';

const [name = '', step = '', root = '/'] = process.argv.slice(2);
const steps = {
  add: (entries, create) => [...entries, create()],
  use: (entries) => [entries.at(-1), ...entries.slice(0, -1)],
  drop: (entries) => entries.slice(0, 1),
};

if (!Object.hasOwn(secrets, name) || !Object.hasOwn(steps, step)) {
  console.error(
    `Usage: rotate-keys.mjs ${Object.keys(secrets).join('|')} ${Object.keys(steps).join('|')} [root]`,
  );
  process.exit(2);
}
const secret = secrets[name];
const files = keyFiles(root);
const entries = files.read(secret);
if (step === 'add' && entries.length > 1) {
  console.error(`${name}: a rotation is under way: finish it with "use" and "drop" first`);
  process.exit(1);
}
if (step !== 'add' && entries.length < 2) {
  console.error(`${name}: there is only one secret: begin with "add"`);
  process.exit(1);
}
files.write(secret, steps[step](entries, secret.create));
console.log(`${name}: ${step} done`);
