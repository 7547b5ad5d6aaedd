// The Redis of the fleet.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { listen } from '../../bench/servers/listen.mjs';

/**
 * Starts `redis-server` with the data that it has saved in the directory.
 * @param {number} port
 * @param {string} directory
 */
export async function startRedis(port, directory) {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--dir', directory, '--save', ''];
  const child = spawn('redis-server', [...options, '--appendonly', 'yes', '--appendfsync', 'everysec'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept')) break;
  return child;
}

export async function freePort() {
  const server = createServer();
  const port = await listen(server);
  server.close();
  return port;
}
