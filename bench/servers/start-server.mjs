// Starts the server in a separate process, so that its work is not counted.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/**
 * A Glance with one image, `1`.
 * @param {number} size bytes of its data
 * @returns {Promise<{ url: string, dataUrl: string, md5: string, stop: () => Promise<void> }>} `url` is that of Images API v1
 */
export async function startServer(size) {
  const path = fileURLToPath(new URL('server.mjs', import.meta.url));
  const child = spawn(process.execPath, [path, String(size)], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  /** @type {{ url: string, md5: string }} */
  const { url, md5 } = JSON.parse(line);
  const stop = async () => {
    child.stdin.end();
    await once(child, 'exit');
  };
  return { url, dataUrl: `${url}/images/1`, md5, stop };
}
