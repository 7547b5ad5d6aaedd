// Bundles a module of this directory with the readers, so that Node can load it directly.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

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
    // Fixtures are looked for relative to the source, not to the bundle.
    define: {
      'import.meta.dirname': JSON.stringify(import.meta.dirname),
      'import.meta.url': JSON.stringify(pathToFileURL(entry).href),
    },
    plugins,
  });
}
