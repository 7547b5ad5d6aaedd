// What a file system refuses, and which refusals end a download.
import { constants } from 'node:fs';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type FileStatus, type HostFileSystem, nodeFileSystem } from '../../../../src/transfer/files/file-system.ts';
import { syncDirectory, writeReplacing } from '../../../../src/transfer/files/replace-file.ts';
import { openRegular, readSmallFile } from '../../../../src/transfer/files/small-file.ts';
import {
  checkDirectory,
  checkSpace,
  inspectTarget,
  isDirectory,
  isThere,
  makeDirectory,
} from '../../../../src/transfer/files/target.ts';
import { openOwn } from '../../../../src/transfer/part/own-file.ts';
import { publishFile, settleFile } from '../../../../src/transfer/part/publish.ts';
import { SimFs } from '../../../support/sim/sim-fs.ts';
import { tempDir } from '../../../support/temp-dir.ts';
import { watchFs } from '../../../support/sim/watched-fs.ts';

const errno = (code: string): Error => Object.assign(new Error(code), { code });

type Method = 'open' | 'unlink' | 'link' | 'rename' | 'syncDirectory';

/** A simulated file system with a file, which fails in one way. */
function failing(method: Method, code: string): { fs: HostFileSystem; sim: SimFs; steps: string[] } {
  const sim = new SimFs();
  sim.put('/d/file', Buffer.from('text'));
  const steps: string[] = [];
  const fs = watchFs(sim, '/d/file', (line) => steps.push(line));
  return { fs: { ...fs, [method]: () => Promise.reject(errno(code)) }, sim, steps };
}

const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'done',
    (error: unknown) => (error as { code: string }).code,
  );

describe('a directory that cannot be synced', () => {
  it.each([
    ['EINVAL', 'done'],
    ['EISDIR', 'done'],
    ['EPERM', 'done'],
    ['EIO', 'EIO'],
  ])('for %s: %s', async (code, expected) => {
    expect(await outcomeOf(syncDirectory(failing('syncDirectory', code).fs, '/d'))).toBe(expected);
  });

  it('after the target has got its name is reported as such', async () => {
    const { fs, sim } = failing('syncDirectory', 'EIO');
    const message = '/d/new: it is in place and verified, but its directory could not be synced to the disk';
    await expect(publishFile(fs, '/d/file', '/d/new', true)).rejects.toMatchObject({ code: 'io.error', message });
    expect([...sim.files().keys()]).toEqual(['/d/new']);
  });
});

describe('a file that is to be made durable', () => {
  it.each([
    ['EACCES', 'done'],
    ['EPERM', 'done'],
    ['EIO', 'io.error'],
  ])('and cannot be opened, for %s: %s', async (code, expected) => {
    expect(await outcomeOf(settleFile(failing('open', code).fs, '/d/file'))).toBe(expected);
  });

  it('is synced, then its directory', async () => {
    const { fs, steps } = failing('link', 'EIO');
    await settleFile(fs, '/d/file');
    expect(steps).toEqual(['open file to read', 'sync file', 'close file', 'sync directory /d']);
  });
});

describe('a name that cannot be given by a link', () => {
  it.each([
    ['EPERM', 'done'],
    ['ENOTSUP', 'done'],
    ['EOPNOTSUPP', 'done'],
    ['EMLINK', 'done'],
    ['ENOSYS', 'done'],
    ['EEXIST', 'io.exists'],
    ['EIO', 'io.error'],
  ])('for %s: %s', async (code, expected) => {
    const { fs, sim } = failing('link', code);
    expect(await outcomeOf(publishFile(fs, '/d/file', '/d/new', false))).toBe(expected);
    expect([...sim.files().keys()].includes('/d/new')).toBe(expected === 'done');
  });

  it('is given to nobody if it is taken, or cannot be given in the end', async () => {
    const part = '/d/.new.0123456789ab.part';
    for (const [method, code, left] of [
      ['link', 'io.exists', [part, '/d/new']],
      ['rename', 'io.error', [part]],
    ] as const) {
      const sim = new SimFs(new Map(), false);
      sim.put(part, Buffer.from('mine'));
      if (method === 'link') sim.put('/d/new', Buffer.from('theirs'));
      const fs = watchFs(sim, '/d/new', () => undefined);
      const broken = method === 'rename' ? { ...fs, rename: () => Promise.reject(errno('EIO')) } : fs;
      expect(await outcomeOf(publishFile(broken, part, '/d/new', false))).toBe(code);
      expect([...sim.files().keys()]).toEqual(left);
      expect(sim.openFiles).toBe(0);
    }
  });
});

describe('a part of an earlier run', () => {
  it.each([
    ['ELOOP', null],
    ['EACCES', null],
    ['EMLINK', null],
    ['ENXIO', null],
    ['EIO', 'EIO'],
  ])('that cannot be opened, for %s', async (code, failure) => {
    const { fs, steps } = failing('open', code);
    const opened = await openOwn('/d/file', fs, 0).catch((error: unknown) => (error as { code: string }).code);
    expect([opened, steps]).toEqual([failure, failure === null ? ['unlink file'] : []]);
  });

  it.each<[string, Partial<FileStatus>, number | null, boolean]>([
    ['ours', {}, 0, true],
    ['anybody\u2019s, where users have no ids', { uid: 5 }, null, true],
    ['another user\u2019s', { uid: 5 }, 0, false],
    ['known by two names', { nlink: 2 }, 0, false],
    ['no file', { isFile: () => false }, 0, false],
  ])('is continued if it is ours alone: %s', async (_what, changes, uid, isOurs) => {
    const { fs, sim, steps } = failing('link', 'EIO');
    const open: HostFileSystem['open'] = async (path, flags, mode) => {
      const file = await fs.open(path, flags, mode);
      return { ...file, stat: async () => ({ ...(await file.stat()), ...changes }) };
    };
    const opened = await openOwn('/d/file', { ...fs, open }, uid);
    expect(opened !== null).toBe(isOurs);
    expect(steps).toEqual(['open file to change', ...(isOurs ? [] : ['close file', 'unlink file'])]);
    expect(sim.openFiles).toBe(isOurs ? 1 : 0);
  });
});

describe('a small file', () => {
  it('is read as text, and closed', async () => {
    const { fs, sim, steps } = failing('link', 'EIO');
    expect(await readSmallFile(fs, '/d/file', 4)).toBe('text');
    expect(await outcomeOf(readSmallFile(fs, '/d/file', 3))).toBe('metadata.invalid');
    expect(sim.openFiles).toBe(0);
    expect(steps).toEqual(['open file to read', 'read file 4/4 at 0', 'close file', 'open file to read', 'close file']);
  });

  it('is null if it is something else, which is closed, or missing', async () => {
    const { fs, sim } = failing('link', 'EIO');
    const open: HostFileSystem['open'] = async (path, flags, mode) => {
      const file = await fs.open(path, flags, mode);
      return { ...file, stat: async () => ({ ...(await file.stat()), isFile: () => false }) };
    };
    expect(await outcomeOf(openRegular({ open }, '/d/file'))).toBe('io.not_regular');
    expect(sim.openFiles).toBe(0);
    expect(await outcomeOf(openRegular(failing('open', 'ENXIO').fs, '/d/file'))).toBe('io.not_regular');
    expect(await outcomeOf(openRegular(failing('open', 'EIO').fs, '/d/file'))).toBe('EIO');
  });

  it('is read through a link only on request', async () => {
    const directory = await tempDir();
    await writeFile(join(directory, 'file'), '');
    await symlink('file', join(directory, 'link'));
    const file = await openRegular(nodeFileSystem, join(directory, 'link'), 'followed');
    await file.close();
    expect(await outcomeOf(openRegular(nodeFileSystem, join(directory, 'link')))).toBe('ELOOP');
  });

  it('is replaced by text of any length, once that is durable', async () => {
    const { fs, sim, steps } = failing('link', 'EIO');
    const pieces = ['a'.repeat(256 * 1024 - 1), 'b', 'c'.repeat(300 * 1024), 'd'];
    await writeReplacing(fs, '/d/file', pieces, 0o640);
    expect(sim.files().get('/d/file')?.toString()).toBe(pieces.join(''));
    const written = ['.file.tmp to write, new 640', '.file.tmp', '.file.tmp', '.file.tmp to file', 'directory /d'];
    const verbs = ['open', 'sync', 'close', 'rename', 'sync'];
    expect(steps).toEqual(verbs.map((verb, index) => `${verb} ${String(written[index])}`));
  });

  it('stays if its replacement fails, which is removed', async () => {
    const { fs, sim } = failing('rename', 'EIO');
    expect(await outcomeOf(writeReplacing(fs, '/d/file', ['new'], 0o600))).toBe('io.error');
    expect([[...sim.files()].map(([path, bytes]) => `${path} ${bytes.toString()}`), sim.openFiles]).toEqual([
      ['/d/file text'],
      0,
    ]);
  });
});

describe('a target', () => {
  it('is a new file, an existing one with its permissions, or refused', async () => {
    const directory = await tempDir();
    const path = join(directory, 'file');
    const file = { kind: 'file', path };
    expect(await inspectTarget(path)).toEqual({ ...file, existingSize: null, existingMode: null });
    await writeFile(path, 'text');
    await chmod(path, 0o751);
    expect(await inspectTarget(path)).toEqual({ ...file, existingSize: 4, existingMode: 0o751 });
    expect([await isThere(path), await isDirectory(path), await isDirectory(directory)]).toEqual([true, false, true]);
    expect([await isThere(join(directory, 'none')), await isDirectory(join(directory, 'none'))]).toEqual([
      false,
      false,
    ]);
    await expect(inspectTarget(directory)).rejects.toThrow(`${directory}: it is a directory`);
    await expect(inspectTarget(join(path, 'below'))).rejects.toMatchObject({ code: 'io.missing' });
    await expect(makeDirectory(path)).rejects.toMatchObject({
      code: 'io.missing',
      message: `${path}: it is not a directory`,
    });
    await expect(makeDirectory(join(path, 'below'))).rejects.toMatchObject({ code: 'io.missing' });
    await makeDirectory(join(directory, 'new', 'below'));
    await checkDirectory(join(directory, 'new', 'below'));
    await expect(checkDirectory(join(directory, 'none'))).rejects.toMatchObject({ code: 'io.missing' });
  });

  it.skipIf(process.getuid?.() === 0)('cannot be in a directory that may not be written to', async () => {
    const directory = join(await tempDir(), 'in');
    await mkdir(directory, { mode: 0o555 });
    await expect(inspectTarget(join(directory, 'file'))).rejects.toMatchObject({ code: 'io.permission' });
  });

  it.each([
    [10, 10, 'done'],
    [10, 11, 'io.nospace'],
    [0, 0, 'done'],
  ])('with room for %d bytes accepts %d: %s', async (free, bytes, expected) => {
    const fs = Object.assign(new SimFs(), { freeBytes: () => Promise.resolve(free) });
    expect(await outcomeOf(checkSpace(fs, '/d', bytes))).toBe(expected);
  });

  it('has room if the system does not say how much', async () => {
    const fs = Object.assign(new SimFs(), { freeBytes: () => Promise.reject(errno('ENOSYS')) });
    expect(await outcomeOf(checkSpace(fs, '/d', Number.MAX_SAFE_INTEGER))).toBe('done');
  });
});

it('an open file of this machine waits for pending calls before it is closed', async () => {
  const path = join(await tempDir(), 'file');
  const file = await nodeFileSystem.open(path, constants.O_RDWR + constants.O_CREAT, 0o600);
  const writing = file.write(Buffer.from('some text'), 0, 9, 0);
  const closing = file.close();
  expect([await writing, await closing]).toEqual([9, undefined]);
});
