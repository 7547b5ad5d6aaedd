// Starts `serve` in a separate process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { programPath } from '../measuring/program.mjs';

/**
 * A Glance with the images in a directory.
 * @param {string} root
 * @returns {Promise<{ url: string, stop: () => Promise<void> }>} `url` ends with a slash
 */
export async function startServe(root) {
  const child = spawn(process.execPath, [programPath, 'serve', root, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`serve ended with ${code}`)));
  ended.catch(() => undefined);
  const [url] = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), ended]);
  const stop = async () => {
    child.kill('SIGTERM');
    await once(child, 'exit');
  };
  return { url, stop };
}
