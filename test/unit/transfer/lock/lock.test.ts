import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { link, mkdir, readdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Clock, systemClock } from '../../../../src/clock.ts';
import { type Lock, lockTarget, type ProcessFacts } from '../../../../src/transfer/lock/lock.ts';
import { glance } from '../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../support/images.ts';
import { ManualClock } from '../../../support/manual-clock.ts';
import { startCli } from '../../../support/spawn-cli.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const uid = process.getuid?.() ?? null;
const facts: ProcessFacts = { pid: process.pid, uid, platform: 'linux', isRunning: () => true };
const onFile: ProcessFacts = { ...facts, platform: 'darwin' };
const stranger = { ...facts, uid: (uid ?? 0) + 1 };

interface Place {
  readonly directory: string;
  readonly target: string;
  /** Path of the lock, which only exists while it is held. */
  readonly path: string;
  readonly take: (taker?: ProcessFacts) => Promise<Lock>;
}

async function place(below = ''): Promise<Place> {
  const directory = join(await tempDir(), below);
  await mkdir(directory, { recursive: true });
  const target = join(directory, 'image.raw');
  const take = async (taker = facts): Promise<Lock> => {
    const lock = await lockTarget(target, taker, systemClock);
    onTestFinished(() => lock.release());
    return lock;
  };
  const lock = await take();
  const [name = ''] = await readdir(directory);
  await lock.release();
  return { directory, target, path: join(directory, name), take };
}

/** A socket in place of the lock, with this behind it. */
async function listenAt(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  const server = createServer(onSocket);
  await new Promise<void>((resolve) => void server.listen(path, resolve));
  onTestFinished(() => void server.close());
  return server;
}

/** What a killed holder leaves: a socket that nobody listens at. */
async function leaveDead(path: string): Promise<void> {
  const server = await listenAt(`${path}.x`, () => undefined);
  await link(`${path}.x`, path);
  await new Promise((resolve) => void server.close(resolve));
}

describe.each([
  ['a socket', facts],
  ['a file', onFile],
])('the lock of a target, if it is %s', (_what, taker) => {
  it('is held by one at a time, who is named, and leaves nothing behind', async () => {
    const { directory, target, take } = await place();
    const lock = await take(taker);
    const busy = { code: 'io.busy', message: `${target}: process ${String(process.pid)} is downloading to it` };
    await expect(take(taker)).rejects.toMatchObject(busy);
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
    await (await take(taker)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('blocks neither another directory nor another name', async () => {
    const [one, two] = [await place(), await place()];
    await one.take(taker);
    await expect(two.take(taker)).resolves.toBeDefined();
    const other = await lockTarget(join(one.directory, 'other.raw'), taker, systemClock);
    await other.release();
  });

  it('of another user is reported as such, with its own path, and its claims are ignored', async () => {
    const { target, path, take } = await place();
    await take(taker);
    const text = `${target}: its lock ${path} belongs to another user, ${String(uid)}`;
    await expect(take({ ...stranger, platform: taker.platform })).rejects.toMatchObject({
      code: 'io.busy',
      message: text,
    });
  });

  it('is taken by one of many who find a dead one', async () => {
    for (let round = 0; round < 5; round++) {
      const { directory, path, take } = await place();
      await leaveDead(path);
      const outcomes = await Promise.allSettled(Array.from({ length: 12 }, () => take(taker)));
      const locks = outcomes.flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
      expect(locks.length).toBeLessThanOrEqual(1);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'io.busy' });
      for (const lock of locks) await lock.release();
      await (await take(taker)).release();
      expect(await readdir(directory)).toEqual([]);
    }
  });

  it.each([
    ['a directory', (path: string) => mkdir(path)],
    ['a FIFO', (path: string) => Promise.resolve(void execFileSync('mkfifo', [path]))],
    ['a link', (path: string) => symlink('mine', path)],
    ['a dangling link', (path: string) => symlink('nowhere', path)],
  ])('names %s that has its name, and leaves it alone', async (_thing, put) => {
    const { directory, path, take } = await place();
    await writeFile(join(directory, 'mine'), 'mine');
    await put(path);
    await expect(take(taker)).rejects.toMatchObject({ code: 'io.not_regular', message: `${path}: it is not a lock` });
    expect((await readdir(directory)).toSorted()).toEqual([path.slice(directory.length + 1), 'mine']);
    expect(await readFile(join(directory, 'mine'), 'utf8')).toBe('mine');
  });
});

describe('a socket as the lock', () => {
  it('that a killed process left is removed, even if an earlier removal was interrupted', async () => {
    const { directory, path, take } = await place();
    for (let depth = 0; depth <= 3; depth++) {
      for (let left = 0; left <= depth; left++) {
        await leaveDead(path + '.lock'.repeat(left));
      }
      const outcome = take();
      if (depth < 3) await (await outcome).release();
      else {
        await expect(outcome).rejects.toMatchObject({ message: `${path}.lock.lock.lock: left behind by killed runs` });
      }
      expect(await readdir(directory)).toHaveLength(depth < 3 ? 0 : 4);
    }
  });

  it('works in a directory whose path is too long for a socket', async () => {
    const { directory, take } = await place(join('d'.repeat(200), 'e'.repeat(200)));
    const lock = await take();
    await expect(take()).rejects.toMatchObject({ code: 'io.busy' });
    await lock.release();
    expect(await readdir(directory)).toEqual([]);
  });

  it('is not held by somebody who only knows the path of the target', async () => {
    const { target, take } = await place();
    const key = createHash('sha256').update(target).digest('hex').slice(0, 32);
    await listenAt(`\0glance-cli-${key}`, (socket) => void socket.end('1'));
    await expect(take()).resolves.toBeDefined();
  });

  // The clock stands still, so only what was read can end the inquiry.
  it('whose holder sends endlessly is read no further than a number can be long', async () => {
    const { target, path } = await place();
    let hungUp: () => void = () => undefined;
    const gone = new Promise<void>((resolve) => (hungUp = resolve));
    await listenAt(path, (socket) => {
      const pour = (): void => void socket.write(Buffer.alloc(65_536, '1'), (error) => error ?? pour());
      socket.on('error', () => undefined).on('close', hungUp);
      pour();
    });
    const text = `${target}: another process is downloading to it`;
    await expect(lockTarget(target, facts, new ManualClock())).rejects.toMatchObject({ message: text });
    await gone;
  });

  it.each(['', '0', '-1', 'process 1', '1\n', '12345678901'])(
    'whose holder says %j is reported without a number',
    async (word) => {
      const { target, path, take } = await place();
      await listenAt(path, (socket) => void socket.end(word));
      await expect(take()).rejects.toMatchObject({ message: `${target}: another process is downloading to it` });
    },
  );

  it('whose holder says nothing is waited for one second at most', async () => {
    const { target, path } = await place();
    const waits: number[] = [];
    const clock: Clock = {
      ...systemClock,
      startTimer: (ms, onTime) => (waits.push(ms), systemClock.startTimer(0, onTime)),
    };
    await listenAt(path, () => undefined);
    const text = `${target}: another process is downloading to it`;
    await expect(lockTarget(target, facts, clock)).rejects.toMatchObject({ message: text });
    expect(waits).toEqual([1000]);
  });

  it('of a killed process is not a lock', async () => {
    const cwd = await tempDir();
    const data = makeBytes(300_000);
    const stall = { on: { method: 'GET', path: /\/1$/, times: 1 }, do: { type: 'stall', afterBytes: 70_000 } } as const;
    const server = await glance([makeEntry(data, { id: '1' })], [stall]);
    const { child, ended } = startCli(['--endpoint', server.url.href, 'download', '1', '-o', 'f'], {}, cwd);
    await server.stalled;
    const busy = await server.cli(['download', '1', '-o', 'f', '--error-format', 'json'], { cwd });
    expect([busy.code, busy.error()['code']]).toEqual([8, 'io.busy']);
    expect(busy.error()['message']).toContain(`process ${String(child.pid)} is downloading`);
    child.kill('SIGKILL');
    await ended;
    // Leftovers of processes that were killed before their lock had its name.
    const lock = (await readdir(cwd)).find((name) => name.endsWith('.lock')) ?? '';
    for (const suffix of ['.0123abcd', '.lock.0123abcd']) {
      await writeFile(join(cwd, `${lock}${suffix}`), '');
    }
    expect((await server.cli(['download', '1', '-o', 'f'], { cwd })).code).toBe(0);
    expect([await readdir(cwd), (await readFile(join(cwd, 'f'))).equals(data)]).toEqual([['f'], true]);
  });
});

describe('a file as the lock', () => {
  const boot = Math.round(Date.now() / 1000 - uptime());
  const long = new Date(Date.now() - 3_600_000);

  it.each([
    ['of a process that has ended', JSON.stringify({ pid: 77, boot }), { ...onFile, isRunning: () => false }],
    ['from before the machine was started', JSON.stringify({ pid: 77, boot: boot - 100_000 }), onFile],
    ['that was never written, an hour ago', '', onFile],
    ['that makes no sense, an hour ago', 'x'.repeat(1_000_000), onFile],
    ['of an impossible process, an hour ago', JSON.stringify({ pid: -1, boot }), onFile],
  ])('%s is removed', async (_what, text, taker) => {
    const { directory, path, take } = await place();
    await writeFile(path, text);
    await utimes(path, long, long);
    await (await take(taker)).release();
    expect(await readdir(directory)).toEqual([]);
  });

  it.each([
    ['that is being written', '', 'another process'],
    ['of a process that is running', JSON.stringify({ pid: 77, boot }), 'process 77'],
    ['of a process that did not state its number', JSON.stringify({ pid: 0, boot }), 'another process'],
  ])('%s is held, and is named for whoever knows better', async (_what, text, who) => {
    const { path, take } = await place();
    await writeFile(path, text);
    await expect(take(onFile)).rejects.toMatchObject({
      code: 'io.busy',
      message: expect.stringContaining(`: ${who} is downloading`),
      facts: { hint: `wait for it, or end it; if it is another program, remove ${path}` },
    });
    expect(await readFile(path, 'utf8')).toBe(text);
  });

  it('excludes users of sockets, and a socket excludes users of files', async () => {
    const { take } = await place();
    const file = await take(onFile);
    await expect(take()).rejects.toMatchObject({ code: 'io.busy' });
    await file.release();
    const socket = await take();
    await expect(take(onFile)).rejects.toMatchObject({ code: 'io.busy' });
    await socket.release();
  });
});

it.each(['linux', 'darwin'] as const)('a missing directory is named (%s)', async (platform) => {
  const target = join(await tempDir(), 'gone', 'image.raw');
  await expect(lockTarget(target, { ...facts, platform }, systemClock)).rejects.toMatchObject({
    code: 'io.missing',
    message: expect.stringContaining(join(target, '..')),
  });
});
