// A lock in the form of a listening socket beside the target: the system always knows whether its holder is alive, even across
// containers that share the directory, and a dead holder leaves nothing but an inode that refuses connections.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { type Clock, sleep } from '../../clock.ts';
import { errnoOf } from '../../local/errno.ts';
import type { Lock, LockHolder } from './lock-holder.ts';

/** `sun_path` has 108 bytes, and some versions silently cut off longer ones. */
const maxPathBytes = 100;
/** How long to wait for the holder to identify itself. */
const answerTimeoutMs = 1000;
const maxPidDigits = 10;
/** Maximum number of callers served at once; others are disconnected, which is answer enough: the holder is alive. */
const maxAsking = 16;

/**
 * Takes the lock, if its name is free.
 * @param pid sent to callers
 * @returns null if the name is taken; `unsupported` if no socket can be created there
 */
export async function createLockSocket(path: string, pid: number): Promise<Lock | null | 'unsupported'> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  const server = createServer((socket) => answer(socket, pid));
  server.maxConnections = maxAsking;
  // A caller that connects while no file can be opened learns nothing; that must not end the program.
  server.on('error', () => undefined);
  try {
    await atShortPath(temporary, (short) => listen(server, short));
  } catch {
    return 'unsupported';
  }
  try {
    // The socket has to answer before it gets its name: between bind(2) and listen(2) it would seem dead.
    await link(temporary, path);
  } catch (error) {
    await close(server);
    return errnoOf(error) === 'EEXIST' ? null : 'unsupported';
  } finally {
    await unlink(temporary).catch(() => undefined);
  }
  server.unref();
  const { ino } = await lstat(path);
  return { release: () => release(path, ino, server) };
}

/** Removes the name first: while there is a name, the socket has to answer. */
async function release(path: string, ino: number, server: Server): Promise<void> {
  const found = await lstat(path).catch(() => null);
  if (found?.ino === ino) await unlink(path).catch(() => undefined);
  await close(server);
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

function answer(socket: Socket, pid: number): void {
  socket.on('error', () => socket.destroy());
  // Does not wait for the other side to hang up.
  socket.end(String(pid), () => socket.destroy());
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Others who share the directory must be able to ask whether the holder is alive.
    server.listen({ path, writableAll: true }, resolve);
  });
}

/**
 * Connects to a socket to find out whether its holder is alive.
 * @param isTrusted whether to read and believe what it says
 * @returns null if the socket is gone
 */
export async function probeLockSocket(path: string, isTrusted: boolean, clock: Clock): Promise<LockHolder | null> {
  let socket: Socket;
  try {
    socket = await atShortPath(path, connectTo);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return null;
    return { isAlive: errnoOf(error) !== 'ECONNREFUSED', pid: null };
  }
  const text = isTrusted ? await readAnswer(socket, clock) : '';
  socket.destroy();
  return { isAlive: true, pid: /^[1-9]\d*$/.test(text) ? Number(text) : null };
}

function connectTo(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.on('error', () => socket.destroy());
      resolve(socket);
    });
  });
}

/** Its answer, if that is no longer than a number and arrives in time; otherwise ''. */
async function readAnswer(socket: Socket, clock: Clock): Promise<string> {
  const timeout = new AbortController();
  const said = new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1', 0, maxPidDigits + 1);
      if (text.length > maxPidDigits) socket.destroy();
    });
    socket.on('close', () => resolve(text.length > maxPidDigits ? '' : text));
  });
  const late = sleep(clock, answerTimeoutMs, timeout.signal).then(
    () => '',
    () => '',
  );
  const text = await Promise.race([said, late]);
  timeout.abort();
  return text;
}

/**
 * Opens a directory only as a path: it need not be readable. The value is Linux's on every architecture that Node
 * supports.
 */
const O_PATH = 0o10000000;

/** Shortens a long path by going through its directory, which is held open meanwhile. */
async function atShortPath<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= maxPathBytes) return await work(path);
  const directory: FileHandle = await open(dirname(path), O_PATH + constants.O_DIRECTORY);
  try {
    return await work(`/proc/self/fd/${String(directory.fd)}/${basename(path)}`);
  } finally {
    await directory.close();
  }
}
