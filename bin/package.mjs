#!/usr/bin/env node
// `npm run package -- [--executable-only] [target …]`: packs the program with pkg into single files that need no Node, in
// build/package/: the executable itself, an archive with man pages and completions, for Linux a Debian package, a bill of
// materials each, and SHA256SUMS of all of it. Without a target: for this machine.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeArchive, makeDebianPackage } from './packaging/archives.mjs';
import { billOfMaterials } from './packaging/bill-of-materials.mjs';
import { sha256Of } from './packaging/checksums.mjs';
import { licencesOf, packagesOf } from './packaging/licences.mjs';
import { makeExecutable } from './packaging/executable.mjs';
import { collectPapers } from './packaging/papers.mjs';
import { hostTarget, targets } from './packaging/targets.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'build', 'package');
const work = join(root, 'build', 'work');
const programLicences = readFileSync(join(root, 'dist', 'program', 'LICENSES'), 'utf8');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { 'executable-only': { type: 'boolean', default: false } },
});
const names = positionals.length > 0 ? positionals : [hostTarget];
const unknown = names.filter((name) => !Object.hasOwn(targets, name));
if (unknown.length > 0) {
  process.stderr.write(`package: no target ${unknown.join(', ')}; there are ${Object.keys(targets).join(', ')}\n`);
  process.exitCode = 2;
} else {
  rmSync(output, { recursive: true, force: true });
  mkdirSync(output, { recursive: true });
  mkdirSync(work, { recursive: true });
  for (const name of names) await packageFor(name);
  const files = readdirSync(output).toSorted();
  writeFileSync(join(output, 'SHA256SUMS'), files.map((file) => `${sha256Of(join(output, file))}  ${file}\n`).join(''));
}

/** @param {string} name of a target */
async function packageFor(name) {
  const { path, node, modules } = await makeExecutable(root, name, work, output);
  if (!values['executable-only']) {
    writeFileSync(`${path}.cdx.json`, billOfMaterials(root, node, packagesOf(modules)));
    const licences = `${programLicences}\n${licencesOf(modules)}`;
    const papers = collectPapers(root, join(work, `papers-${name}`), node, licences);
    makeArchive(name, path, papers, output);
    makeDebianPackage(name, path, papers, work, output);
  }
}
