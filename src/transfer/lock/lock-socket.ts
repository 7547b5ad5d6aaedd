// A lock that is a listening socket beside the target: the system knows at any moment whether its holder lives, across
// containers that share the directory too, and nothing is left to tell but an inode that nobody answers at.
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { type FileHandle, link, lstat, open, unlink } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { basename, dirname } from 'node:path';
import { type Clock, sleep } from '../../clock.ts';
import { errnoOf } from '../../local/errno.ts';
import type { Lock, LockHolder } from './lock-holder.ts';

/** `sun_path` has 108 bytes, and longer ones are cut off by some versions without a word. */
const maxPathBytes = 100;
/** Longest wait for the holder to tell who it is. */
const answerTimeoutMs = 1000;
const maxPidDigits = 10;
/** Of those who ask at once; others are hung up on, which tells them as much. */
const maxAsking = 16;

/**
 * Takes the lock, if nothing has its name.
 * @param pid told to whoever asks
 * @returns null if there is something; `unsupported` if no socket can be made there
 */
export async function createLockSocket(path: string, pid: number): Promise<Lock | null | 'unsupported'> {
  const temporary = `${path}.${randomBytes(4).toString('hex')}`;
  const server = createServer((socket) => answer(socket, pid));
  server.maxConnections = maxAsking;
  // Who asks while no file can be opened learns nothing; that ends nothing here.
  server.on('error', () => undefined);
  try {
    await atShortPath(temporary, (short) => listen(server, short));
  } catch {
    return 'unsupported';
  }
  try {
    // It answers before it has the name: between bind(2) and listen(2) it would look dead.
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

/** Gives the name away first: while it has one it has to answer. */
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
  // Whoever does not hang up is not waited for.
  socket.end(String(pid), () => socket.destroy());
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    // Who shares the directory has to be able to ask whether the holder lives.
    server.listen({ path, writableAll: true }, resolve);
  });
}

/**
 * Asks at a socket whether somebody lives who holds it.
 * @param isTrusted whether what it says counts; else nothing is read
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

/** What it says, if that is as short as a number and comes in time; else ''. */
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

/** Only names its directory: it need not be readable. The value is that of Linux on every machine that Node runs on. */
const O_PATH = 0o10000000;

/** A long path is shortened by way of its directory, held open meanwhile. */
async function atShortPath<T>(path: string, work: (path: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(path) <= maxPathBytes) return await work(path);
  const directory: FileHandle = await open(dirname(path), O_PATH + constants.O_DIRECTORY);
  try {
    return await work(`/proc/self/fd/${String(directory.fd)}/${basename(path)}`);
  } finally {
    await directory.close();
  }
}
