#!/usr/bin/env node
// `npm run build`: builds the program and the library into dist/ from scratch. With --if-changed only if dist/ was not built
// from the present sources: their contents are compared, since file times mean little after a checkout or a copy.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { argv, execPath } from 'node:process';
import { fileURLToPath } from 'node:url';

/** Everything that goes into a build; packages by the lock file. */
const inputs = [
  'src',
  'examples/demo',
  'bin/build.mjs',
  'bin/bundle.mjs',
  'bin/packaging',
  'package.json',
  'package-lock.json',
  'tsconfig.json',
  'tsconfig.build.json',
];

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
/** The digest of the inputs; written last, so that an interrupted build does not count. */
const stamp = join(dist, 'built-from');

const made = digestOf(inputs);
if (!argv.includes('--if-changed') || readStamp() !== made) build();

function build() {
  rmSync(dist, { recursive: true, force: true });
  const typescript = dirname(createRequire(import.meta.url).resolve('typescript/package.json'));
  run([join(typescript, 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  run([join('bin', 'bundle.mjs')]);
  writeFileSync(stamp, made);
}

/** @param {readonly string[]} script with its arguments; if it fails, so does this process */
function run(script) {
  const { status, error } = spawnSync(execPath, script, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** @returns {string | null} the digest of the inputs of the last complete build */
function readStamp() {
  try {
    return readFileSync(stamp, 'utf8');
  } catch {
    return null;
  }
}

/** @param {readonly string[]} paths files, and directories with everything in them */
function digestOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths.flatMap(filesOf)) {
    const bytes = readFileSync(join(root, path));
    hash.update(`${path}\0${String(bytes.length)}\0`).update(bytes);
  }
  return hash.digest('hex');
}

/**
 * @param {string} path from the root
 * @returns {readonly string[]}
 */
function filesOf(path) {
  if (!statSync(join(root, path)).isDirectory()) return [path];
  const names = readdirSync(join(root, path))
    .filter((name) => !name.startsWith('.'))
    .toSorted();
  return names.flatMap((name) => filesOf(`${path}/${name}`));
}
