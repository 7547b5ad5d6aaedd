#!/usr/bin/env node
// `npm run man`: writes man/ from the built program's tree of commands, removes pages of commands that no longer exist, and lists the
// pages in package.json, from which npm installs them.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

const { exitCodeOf, exitCodes } = await import('../dist/cli/console/exit-codes.js');
const { buildProgram } = await import('../dist/cli/tree/program.js');
const { manualPages } = await import('../dist/docs/manual.js');
const { isRetryable } = await import('../dist/errors.js');
const { version } = await import('../dist/version.js');

const directory = new URL('../man/', import.meta.url);
const program = buildProgram(version, () => Promise.resolve());
const pages = manualPages(program, { version, exitCodes, exitCodeOf, isRetryable });

mkdirSync(directory, { recursive: true });
for (const { name, text } of pages) writeFileSync(new URL(name, directory), text);
for (const name of readdirSync(directory)) {
  if (/\.[17]$/.test(name) && !pages.some((page) => page.name === name)) rmSync(new URL(name, directory));
}
const manifestFile = new URL('../package.json', import.meta.url);
/** @type {Record<string, unknown>} */
const manifest = JSON.parse(readFileSync(manifestFile, 'utf8'));
const man = pages.map(({ name }) => `man/${name}`).toSorted();
writeFileSync(manifestFile, `${JSON.stringify({ ...manifest, man }, null, 2)}\n`);
process.stdout.write(`${pages.map(({ name }) => `man/${name}`).join('\n')}\n`);
