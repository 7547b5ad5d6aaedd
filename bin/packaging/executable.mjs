// A single executable file: the program as one script, which pkg puts into a Node.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { fetchNode } from './node-package.mjs';
import { hostTarget, runnerFor, targets } from './targets.mjs';

/** @typedef {import('./targets.mjs').NodePackage} NodePackage */

const runPkg = fileURLToPath(new URL('run-pkg.cjs', import.meta.url));

/**
 * Makes an executable of the built program.
 * @param {string} root of the repository
 * @param {string} target
 * @param {string} work
 * @param {string} output where the executable is written
 * @returns {Promise<{ path: string, node: NodePackage & { directory: string }, modules: string[] }>} the modules are those in it,
 *   absolute
 * @throws {Error} for an unknown target
 */
export async function makeExecutable(root, target, work, output) {
  const node = targets[target];
  if (node === undefined) throw new Error(`there is no target ${target}`);
  const path = join(output, `glance-cli-${target}${target.startsWith('win-') ? '.exe' : ''}`);
  const home = join(work, 'home');
  const runner = runnerFor(node.version);
  const runnerPath = join(fetchNode(runner, work), runner.binary);
  seedPkg(home, node, target, work);
  seedPkg(home, runner, hostTarget, work);
  const entry = join(work, 'glance-cli.cjs');
  const { metafile } = await build({
    absWorkingDir: root,
    metafile: true,
    stdin: { contents: "require('./main.js').main();", resolveDir: join(root, 'dist', 'program') },
    outfile: entry,
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    format: 'cjs',
    minifyWhitespace: true,
    logLevel: 'warning',
  });
  // V8 accepts code only from the very same build of V8, which therefore has to run here.
  const useCodeCache = target === hostTarget;
  /** @type {import('./run-pkg.cjs').Order} */
  const order = { entry, target, output: path, version: node.version, useCodeCache };
  execFileSync(runnerPath, [runPkg, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, HOME: home, USERPROFILE: home },
  });
  chmodSync(path, 0o755);
  return {
    path,
    node: { ...node, directory: fetchNode(node, work) },
    modules: Object.keys(metafile.inputs).map((module) => join(root, module)),
  };
}

/**
 * Puts a Node where pkg looks before it downloads one. A file `.ok` tells pkg that the archive has already been checked;
 * fetchNode has checked ours.
 * @param {string} home of the user that pkg is run as
 * @param {NodePackage} node
 * @param {string} target
 * @param {string} work
 */
function seedPkg(home, node, target, work) {
  const cache = join(home, '.pkg-cache', 'sea');
  const [system, arch] = target.replace('macos', 'darwin').split('-');
  const name = `node-v${node.version}-${system}-${arch}`;
  const binary = system === 'win' ? join(cache, `${name}.exe`) : join(cache, name, 'bin', 'node');
  if (existsSync(`${binary}.ok`)) return;
  mkdirSync(dirname(binary), { recursive: true });
  copyFileSync(join(fetchNode(node, work), node.binary), binary);
  chmodSync(binary, 0o755);
  const archive = join(cache, `${name}.${system === 'win' ? 'zip' : 'tar.gz'}`);
  for (const mark of [archive, `${archive}.ok`, `${binary}.ok`]) writeFileSync(mark, '');
}
