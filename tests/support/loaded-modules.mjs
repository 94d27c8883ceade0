// Loads one module as a process does, and prints what that loaded:
// node tests/support/loaded-modules.mjs <module> [<JavaScript that gets the module as `loaded`>]
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';

const root = pathToFileURL(`${process.cwd()}/`).href;
const packages = new Set();
const files = new Set();
registerHooks({
  load(url, context, next) {
    const found = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
    if (found) packages.add(found[1]);
    else if (url.startsWith(root)) files.add(url.slice(root.length));
    return next(url, context);
  },
});

const [module, more] = process.argv.slice(2);
const load = (path) => import(new URL(path, root).href);
const loaded = { ...(await load(module)), load };
if (more !== undefined) await new Function('loaded', `return ${more}`)(loaded);
const { rss } = process.memoryUsage();
process.stdout.write(JSON.stringify({ packages: [...packages], files: [...files], rss }));
process.exit(0);
