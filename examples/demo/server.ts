// `glance-cli serve` in the background, for as long as the demo runs.
import { type ChildProcess, spawn } from 'node:child_process';
import { stopChild } from './child.ts';
import { type DemoWorld, makeChildEnv } from './world.ts';

export interface DemoServer {
  /** Where it listens, as it printed it. */
  readonly url: string;
  /** Stops it, and returns when it has ended. Never throws. */
  stop(): Promise<void>;
}

const startTimeoutMs = 30_000;

/** The command line that {@link startServer} runs, after the program's name. */
export function serveArgs(directory: string): readonly string[] {
  return ['serve', directory, '--port', '0', '--v1-style', 'document'];
}

/**
 * Starts serving a directory on a free port of the loopback interface.
 * @param cwd what `directory` is relative to
 * @throws Error with the server's own words if it ends, or says nothing, instead of printing its URL; the signal's reason
 */
export async function startServer(world: DemoWorld, directory: string, cwd: string): Promise<DemoServer> {
  world.signal.throwIfAborted();
  const child = spawn(world.nodePath, [world.programPath, ...serveArgs(directory)], {
    cwd,
    env: makeChildEnv(world.env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  try {
    const url = await readUrl(world, child);
    return { url, stop: () => stopChild(world, child) };
  } catch (error) {
    await stopChild(world, child);
    throw error;
  }
}

async function readUrl(world: DemoWorld, child: ChildProcess): Promise<string> {
  let complaint = '';
  // Keep reading, or the server would one day block on writing its log.
  child.stderr?.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-4000)));
  const settled = new AbortController();
  try {
    return await new Promise<string>((resolve, reject) => {
      const fail = (what: string): void =>
        reject(new Error(`the server ${what}${complaint && `:\n${complaint.trimEnd()}`}`));
      const cancelTimer = world.clock.startTimer(startTimeoutMs, () => fail('did not say where it listens'));
      settled.signal.addEventListener('abort', cancelTimer);
      world.signal.addEventListener('abort', () => reject(world.signal.reason as Error), { signal: settled.signal });
      let output = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
        const url = /^(https?:\/\/\S+)\s/m.exec(output)?.[1];
        if (url !== undefined) resolve(url);
      });
      child.once('error', (error) => fail(`could not be started: ${error.message}`));
      child.once('close', (code, signal) => fail(`ended with ${String(code ?? signal)}`));
    });
  } finally {
    settled.abort();
  }
}
