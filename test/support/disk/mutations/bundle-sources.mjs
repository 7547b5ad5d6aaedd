// Bundles a module of this directory with the readers, for Node to load without a step in between.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/** Fixtures are looked for relative to the source, not to the bundle. @type {import('esbuild').Plugin} */
const ownPlaces = {
  name: 'own-places',
  setup: (bundle) => {
    bundle.onLoad({ filter: /test.support.*\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  },
};

/**
 * @param {string} name of the module, without its ending
 * @param {string} outfile CommonJS
 * @param {import('esbuild').Plugin[]} [plugins]
 */
export async function bundleSources(name, outfile, plugins = []) {
  const entry = join(import.meta.dirname, `${name}.ts`);
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    plugins: [ownPlaces, ...plugins],
  });
}
