// Bundles the fuzz target, test/support/disk/fuzz-target.ts with the readers, for Node to load.
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

/**
 * @param {string} outfile CommonJS
 * @param {import('esbuild').Plugin[]} [plugins]
 */
export async function bundleTarget(outfile, plugins = []) {
  const entry = join(dirname(fileURLToPath(import.meta.url)), 'fuzz-target.ts');
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node20',
    // Fixtures are looked for relative to the source, not to the bundle.
    define: {
      'import.meta.dirname': JSON.stringify(dirname(entry)),
      'import.meta.url': JSON.stringify(pathToFileURL(entry).href),
    },
    plugins,
  });
}
