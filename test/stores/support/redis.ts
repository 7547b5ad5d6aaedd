// A Redis for one test, configured as it needs.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { tempDir } from '../../support/temp-dir.ts';

/** @param settings as in redis.conf, without dashes @returns the port */
export async function startRedis(settings: Readonly<Record<string, string>> = {}): Promise<number> {
  return (await startMortalRedis(settings)).port;
}

/** One that can be killed before the test ends. */
export async function startMortalRedis(
  settings: Readonly<Record<string, string>> = {},
): Promise<{ readonly port: number; readonly kill: () => Promise<void> }> {
  const port = await freePort();
  const all = { port: String(port), bind: '127.0.0.1', save: '', dir: await tempDir(), ...settings };
  const child = spawn(
    'redis-server',
    Object.entries(all).flatMap(([name, value]) => [`--${name}`, value]),
  );
  const kill = async (): Promise<void> => {
    const ended = once(child, 'exit');
    if (child.kill('SIGKILL')) await ended;
  };
  onTestFinished(kill);
  for await (const chunk of child.stdout) if (String(chunk).includes('Ready to accept')) break;
  child.stdout.resume();
  return { port, kill };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
