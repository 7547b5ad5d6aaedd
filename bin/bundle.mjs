#!/usr/bin/env node
// The last step of `npm run build`: the program with its packages as a few modules in dist/program/, so that each command
// reads only what it uses, and Node looks for no packages; and the demo as one.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { programOptions } from './packaging/bundle-options.mjs';
import { licencesOf } from './packaging/licences.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'dist', 'program');

rmSync(directory, { recursive: true, force: true });
mkdirSync(directory, { recursive: true });
const { metafile } = await build({
  ...programOptions(root),
  outdir: directory,
  format: 'esm',
  splitting: true,
  // What packages written as CommonJS ask for.
  banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
});
writeFileSync(join(directory, 'LICENSES'), licencesOf(metafile, root));
// The demo is not published, but runs where Node reads no TypeScript.
await build({
  absWorkingDir: root,
  entryPoints: ['examples/demo/demo.ts'],
  outfile: join(root, 'dist', 'demo', 'demo.js'),
  bundle: true,
  platform: 'node',
  target: 'node20.18',
  format: 'esm',
  logLevel: 'warning',
});
