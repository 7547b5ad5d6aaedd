// One process a target. On Linux the lock is an abstract socket, which the kernel releases whatever happens to its holder;
// elsewhere a file that tells who made it.
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { open, readFile, unlink } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { uptime } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type Clock, sleep } from '../clock.ts';
import { GlanceError } from '../errors.ts';
import { errnoOf, toIoError } from './io-error.ts';

/** What is known about processes. */
export interface ProcessFacts {
  /** Ours. */
  readonly pid: number;
  readonly platform: NodeJS.Platform;
  /** Whether a process of this number is running. */
  readonly isRunning: (pid: number) => boolean;
}

export interface Lock {
  release(): Promise<void>;
}

/** Longest wait for the holder of a lock to tell who it is. */
const answerTimeoutMs = 1000;

/**
 * Takes the lock of a target.
 * @param target absolute path, links resolved
 * @throws GlanceError `io.busy` if another process has it; `io.*`
 */
export async function lockTarget(target: string, facts: ProcessFacts, clock: Clock): Promise<Lock> {
  return facts.platform === 'linux'
    ? await lockBySocket(target, facts.pid, clock)
    : await lockByFile(target, facts, clock);
}

async function lockBySocket(target: string, pid: number, clock: Clock): Promise<Lock> {
  const key = createHash('sha256').update(target).digest('hex').slice(0, 32);
  const path = `\0glance-cli-${key}`;
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.end(String(pid));
  });
  try {
    await listen(server, path);
  } catch (error) {
    if (errnoOf(error) !== 'EADDRINUSE') throw toIoError(error, target);
    throw busyError(target, await askHolder(path, clock));
  }
  server.unref();
  return {
    release: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
}

/** The holder's pid; null if it does not say. */
async function askHolder(path: string, clock: Clock): Promise<number | null> {
  const socket = connect(path);
  const timeout = new AbortController();
  const answer = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(text));
  });
  const late = sleep(clock, answerTimeoutMs, timeout.signal).then(
    () => '',
    () => '',
  );
  const text = await Promise.race([answer, late]);
  timeout.abort();
  socket.destroy();
  return /^\d{1,10}$/.test(text) ? Number(text) : null;
}

async function lockByFile(target: string, facts: ProcessFacts, clock: Clock): Promise<Lock> {
  const path = join(dirname(target), `.${basename(target)}.lock`);
  const startedAt = Math.round(clock.wallTime() / 1000 - uptime());
  const text = JSON.stringify({ pid: facts.pid, boot: startedAt });
  for (let attempt = 1; ; attempt++) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- a stale lock is taken away once
      const handle = await open(path, constants.O_WRONLY + constants.O_CREAT + constants.O_EXCL, 0o600);
      // oxlint-disable-next-line no-await-in-loop
      await handle.writeFile(text);
      // oxlint-disable-next-line no-await-in-loop
      await handle.close();
      return { release: () => unlink(path).catch(() => undefined) };
    } catch (error) {
      if (errnoOf(error) !== 'EEXIST') throw toIoError(error, dirname(target));
      // oxlint-disable-next-line no-await-in-loop
      const holder = await readHolder(path);
      const isAlive = holder === null || (Math.abs(holder.boot - startedAt) < 60 && facts.isRunning(holder.pid));
      if (isAlive || attempt > 1) throw busyError(target, holder?.pid ?? null);
      // oxlint-disable-next-line no-await-in-loop
      await unlink(path).catch(() => undefined);
    }
  }
}

async function readHolder(path: string): Promise<{ readonly pid: number; readonly boot: number } | null> {
  try {
    const { pid, boot } = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return typeof pid === 'number' && typeof boot === 'number' ? { pid, boot } : null;
  } catch {
    return null;
  }
}

function busyError(target: string, pid: number | null): GlanceError {
  const who = pid === null ? 'another process' : `process ${String(pid)}`;
  return new GlanceError('io.busy', `${target}: ${who} is downloading to it`, { hint: 'wait for it, or end it' });
}
