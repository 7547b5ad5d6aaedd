// Serves the images of a directory with the built program while pictures are taken.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const program = fileURLToPath(new URL('../glance-cli.js', import.meta.url));

/** Starts it on a free port. `stop` ends it. @param {string} directory */
export async function serve(directory) {
  const server = spawn(process.execPath, [program, 'serve', directory, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [line] = await once(server.stdout, 'data');
  return { url: String(line).trim(), stop: () => server.kill() };
}
