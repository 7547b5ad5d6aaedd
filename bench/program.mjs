// The program under test.
import { fileURLToPath } from 'node:url';

/** Path of the program, to be run by node. */
export const programPath = fileURLToPath(new URL('../bin/glance-cli.js', import.meta.url));

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
