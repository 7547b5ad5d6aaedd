// A single executable file: the program as one script, which pkg puts into a Node.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { bundleOptions } from './bundle-options.mjs';
import { loadBuiltinsLate } from './late-builtins.mjs';
import { licencesOf } from './licences.mjs';
import { fetchNode } from './node-package.mjs';
import { hostTarget, runnerFor, targets } from './targets.mjs';

const runPkg = fileURLToPath(new URL('run-pkg.cjs', import.meta.url));

/**
 * The program as one CommonJS file, as executables want it.
 * @param {string} root of the repository
 * @param {string} work where it is written
 * @returns {Promise<{ path: string, licences: string }>}
 */
export async function makeSingleFile(root, work) {
  const path = join(work, 'glance-cli.cjs');
  const { outputFiles, metafile } = await build({
    ...bundleOptions(root),
    stdin: { contents: `import { main } from './src/main.ts';\nmain();`, resolveDir: root },
    format: 'cjs',
    outfile: path,
  });
  writeFileSync(path, loadBuiltinsLate(outputFiles[0].text));
  return { path, licences: licencesOf(metafile, root) };
}

/**
 * @param {string} target
 * @param {{ path: string }} singleFile
 * @param {string} work
 * @param {string} output where the executable is written
 * @returns {{ path: string, node: { version: string, integrity: string, directory: string } }}
 */
export function makeExecutable(target, singleFile, work, output) {
  const node = targets[target];
  const path = join(output, `glance-cli-${target}${target.startsWith('win-') ? '.exe' : ''}`);
  const home = join(work, 'home');
  const runner = runnerFor(node.version);
  seedPkg(home, node, target, work);
  seedPkg(home, runner, hostTarget, work);
  // V8 keeps compiled code for the very build of V8 that made it, so only a Node that runs here can have some along.
  const order = {
    entry: singleFile.path,
    target,
    output: path,
    version: node.version,
    codeCache: target === hostTarget,
  };
  execFileSync(join(fetchNode(runner, work), runner.binary), [runPkg, JSON.stringify(order)], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, HOME: home, USERPROFILE: home },
  });
  chmodSync(path, 0o755);
  return { path, node: { ...node, directory: fetchNode(node, work) } };
}

/**
 * Lays a Node where pkg looks before it downloads one from elsewhere.
 * pkg checks the archive that it came in no more once a file `.ok` says that it did; fetchNode has checked ours.
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
