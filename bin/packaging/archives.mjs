// Packs an executable with its papers: a .tar.gz for every system, a .deb for Debian and its kin.
import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/**
 * @param {string} target
 * @param {string} executable
 * @param {string} papers
 * @param {string} output
 */
export function makeArchive(target, executable, papers, output) {
  const suffix = basename(executable).endsWith('.exe') ? '.exe' : '';
  copyFileSync(executable, join(papers, `glance-cli${suffix}`));
  const archive = join(output, `glance-cli-${target}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', papers, '.'], { stdio: 'inherit' });
  rmSync(join(papers, `glance-cli${suffix}`));
}

/** Debian's words for the targets that it knows. @type {Readonly<Record<string, string>>} */
const debianArchitectures = { 'linux-x64': 'amd64', 'linux-arm64': 'arm64' };

/**
 * Only for targets that Debian knows. Skipped with a note if there is no dpkg-deb.
 * @param {string} target
 * @param {string} executable
 * @param {string} papers
 * @param {string} work
 * @param {string} output
 */
export function makeDebianPackage(target, executable, papers, work, output) {
  const architecture = debianArchitectures[target];
  if (architecture === undefined) return;
  if (spawnSync('dpkg-deb', ['--version'], { stdio: 'ignore' }).error !== undefined) {
    process.stderr.write('package: no Debian package, for there is no dpkg-deb here\n');
    return;
  }
  /** @type {{ version: string, description: string }} */
  const { version, description } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const tree = join(work, `deb-${target}`);
  rmSync(tree, { recursive: true, force: true });
  layOut(tree, executable, papers);
  mkdirSync(join(tree, 'DEBIAN'));
  const control = {
    Package: 'glance-cli',
    Version: version,
    Architecture: architecture,
    Maintainer: 'The glance-cli authors <noreply@invalid>',
    Section: 'net',
    Priority: 'optional',
    Depends: 'libc6 (>= 2.28), libstdc++6, libgcc-s1',
    Description: description,
  };
  const lines = Object.entries(control).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(join(tree, 'DEBIAN', 'control'), lines.join(''));
  const file = join(output, `glance-cli_${version}_${architecture}.deb`);
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '-z1', '--build', tree, file], { stdio: 'inherit' });
}

/**
 * Puts everything where a Debian system looks for it.
 * @param {string} tree the root of that system
 * @param {string} executable
 * @param {string} papers
 */
function layOut(tree, executable, papers) {
  const share = join(tree, 'usr', 'share');
  const place = (/** @type {string} */ from, /** @type {string[]} */ ...to) => {
    mkdirSync(join(...to.slice(0, -1)), { recursive: true });
    cpSync(from, join(...to));
  };
  place(executable, tree, 'usr', 'bin', 'glance-cli');
  place(join(papers, 'completions/glance-cli.bash'), share, 'bash-completion', 'completions', 'glance-cli');
  place(join(papers, 'completions/_glance-cli'), share, 'zsh', 'vendor-completions', '_glance-cli');
  place(join(papers, 'completions/glance-cli.fish'), share, 'fish', 'vendor_completions.d', 'glance-cli.fish');
  place(join(papers, 'LICENSES'), share, 'doc', 'glance-cli', 'LICENSES');
  place(join(papers, 'LICENSE.node'), share, 'doc', 'glance-cli', 'LICENSE.node');
  place(join(papers, 'LICENSE'), share, 'doc', 'glance-cli', 'copyright');
  for (const page of readdirSync(join(papers, 'man'))) {
    const directory = join(share, 'man', `man${page.at(-1)}`);
    mkdirSync(directory, { recursive: true });
    writeFileSync(join(directory, `${page}.gz`), gzipSync(readFileSync(join(papers, 'man', page)), { level: 9 }));
  }
}
