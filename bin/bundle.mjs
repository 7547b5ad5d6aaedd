#!/usr/bin/env node
// The last step of `npm run build`: the program with its packages as a few modules in dist/program/, so that each command reads
// only what it uses, and Node looks for no packages. The demo becomes a single module.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { rolldown } from 'rolldown';
import { licencesOf } from './packaging/licences.mjs';
import { programInput, programOutput } from './packaging/program-options.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const directory = join(root, 'dist', 'program');

rmSync(directory, { recursive: true, force: true });
const program = await rolldown(programInput(root));
const { output } = await program.write(programOutput(directory));
await program.close();
writeFileSync(join(directory, 'package.json'), '{ "type": "commonjs" }\n');
const modules = output.flatMap((chunk) => ('moduleIds' in chunk ? chunk.moduleIds : []));
writeFileSync(join(directory, 'LICENSES'), licencesOf(modules));
// The demo is not published, but has to run on a Node that cannot read TypeScript.
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
