// What comes with an executable: man pages, completions, licences.
import { execFileSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Shells, and the names of the files with their completions. */
const completions = { bash: 'glance-cli.bash', zsh: '_glance-cli', fish: 'glance-cli.fish' };

/**
 * @param {string} root of the repository
 * @param {string} directory where they are collected
 * @param {{ directory: string }} node that is in the executable
 * @param {string} licences of the packages in it
 * @returns {string} the directory
 */
export function collectPapers(root, directory, node, licences) {
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(join(directory, 'completions'), { recursive: true });
  cpSync(join(root, 'man'), join(directory, 'man'), { recursive: true });
  for (const [shell, name] of Object.entries(completions)) {
    const script = execFileSync(process.execPath, [join(root, 'bin', 'glance-cli.js'), 'completion', shell]);
    writeFileSync(join(directory, 'completions', name), script);
  }
  for (const name of ['LICENSE', 'README.md', 'CHANGELOG.md']) copyFileSync(join(root, name), join(directory, name));
  writeFileSync(join(directory, 'LICENSES'), licences);
  copyFileSync(join(node.directory, 'LICENSE'), join(directory, 'LICENSE.node'));
  return directory;
}
