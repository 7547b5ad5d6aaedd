// What the numbers depend on.
import { execFileSync } from 'node:child_process';
import { readFileSync, statfsSync } from 'node:fs';
import { cpus, loadavg, release, totalmem, type } from 'node:os';
import { formatBytes } from './units.mjs';

/**
 * A few lines about machine and versions.
 * @param {string} directory where downloads are written
 * @returns {string}
 */
export function describeMachine(directory) {
  /** @type {{ version: string }} */
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const [cpu] = cpus();
  const load = loadavg().map((value) => value.toFixed(2));
  return [
    `glance-cli ${version}, Node ${process.version}, ${versionOf('curl')}`,
    `${type()} ${release()}, ${process.arch}, ${cpus().length} cores (${cpu?.model.trim() ?? 'unknown'}), ${formatBytes(totalmem())} memory`,
    `load ${load.join(' ')} at the start; ${formatBytes(freeBytes(directory))} free in ${directory}`,
    'server: one process on the loopback interface, the same for every peer, sharing these cores',
    '',
  ].join('\n');
}

/**
 * @param {string} directory
 * @returns {number} bytes that may be written there
 */
export function freeBytes(directory) {
  const { bavail, bsize } = statfsSync(directory);
  return bavail * bsize;
}

/** @param {string} command */
function versionOf(command) {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8' }).split(' ', 2).join(' ');
  } catch {
    return `no ${command}`;
  }
}
