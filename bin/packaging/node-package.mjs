// Fetches the packages that hold Node itself.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { integrityOf } from './checksums.mjs';

/**
 * Where a package of Node is unpacked. It is fetched if it is not there yet.
 * @param {import('./targets.mjs').NodePackage} node
 * @param {string} work
 * @returns {string} its directory
 * @throws {Error} if what arrives does not match its integrity
 */
export function fetchNode({ name, version, integrity }, work) {
  const directory = join(work, `${name}-${version}`);
  if (existsSync(directory)) return directory;
  const download = `${directory}.new`;
  rmSync(download, { recursive: true, force: true });
  mkdirSync(download, { recursive: true });
  // On Windows npm is a script, which only a shell can run.
  execFileSync('npm', ['pack', '--silent', '--pack-destination', download, `${name}@${version}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    shell: process.platform === 'win32',
  });
  const archive = join(download, `${name}-${version}.tgz`);
  if (integrityOf(archive) !== integrity) throw new Error(`${name}@${version} is not the package that is pinned`);
  execFileSync('tar', ['-xzf', archive, '-C', download], { stdio: 'inherit' });
  renameSync(join(download, 'package'), directory);
  rmSync(download, { recursive: true });
  return directory;
}
