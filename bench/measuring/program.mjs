// The program under test.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hostTarget } from '../../bin/packaging/targets.mjs';

/** Path of the program, to be run by node. */
export const programPath = fileURLToPath(new URL('../../bin/glance-cli.js', import.meta.url));

const executable = fileURLToPath(new URL(`../../build/package/glance-cli-${hostTarget}`, import.meta.url));

/** Path of this machine's executable; null where `npm run package` has not made it. */
export const executablePath = existsSync(executable) ? executable : null;

/**
 * The command that downloads the server's image.
 * @param {string} url of the API
 * @param {string} id of the image
 * @param {string} target a path, or `-`
 * @returns {string[]}
 */
export function downloadCommand(url, id, target) {
  return [process.execPath, programPath, '--endpoint', url, '--progress', 'none', 'download', id, '-o', target];
}

/** Whether a program of others can be measured. @param {string} program */
export function isInstalled(program) {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}
