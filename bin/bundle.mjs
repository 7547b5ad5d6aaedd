#!/usr/bin/env node
// The last step of `npm run build`: the program with its packages as a few files in dist/program/, so that each command
// reads only what it uses, and Node looks for no packages; and what this Node's V8 makes of them. CommonJS, for Node runs
// modules through a slower loader.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, transform } from 'esbuild';
import { loaderOptions, programOptions } from './packaging/bundle-options.mjs';
import { writeCode } from './packaging/code.mjs';
import { loadBuiltinsLate } from './packaging/late-builtins.mjs';
import { licencesOf } from './packaging/licences.mjs';
import { gatherParts, packOf } from './packaging/packs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'dist', 'program');

const { outputFiles, metafile } = await build({
  ...programOptions(root),
  entryPoints: [{ in: 'src/main.ts', out: 'entry' }],
  outdir: directory,
});

const parts = await Promise.all(
  outputFiles.map(async ({ path, text }) => {
    // Without `import()` of its own, or Node would load the loader of modules for it.
    const { code } = await transform(text, {
      format: 'cjs',
      minifyWhitespace: true,
      supported: { 'dynamic-import': false },
    });
    return { name: basename(path), code: loadBuiltinsLate(code) };
  }),
);

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
writeFileSync(join(directory, 'LICENSES'), licencesOf(metafile, root));
for (const { name, code } of gatherParts(parts, packOf(metafile))) writeFileSync(join(directory, name), code);
// What finds and runs them, itself one file.
await build({
  ...loaderOptions,
  entryPoints: [join(root, 'bin', 'packaging', 'start-files.cjs')],
  outfile: join(directory, 'main.js'),
});
await writeCode({
  root,
  node: process.execPath,
  program: directory,
  code: join(directory, 'code', `${process.version}-${process.arch}`),
}).catch((error) => {
  // A machine may have no loopback. The program is whole without, and starts a little later.
  process.stderr.write(`bundle: no compiled code was made: ${error.message}\n`);
});
