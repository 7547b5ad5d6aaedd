// Through a temporary file: nothing is passed on before everything is verified, and nothing is left behind.
import { mkdir, mkdtemp, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { tmpdir as systemTmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import type { GlanceError } from '../../../src/errors.ts';
import type { FileTransferOptions } from '../../../src/transfer/download-options.ts';
import { openSpooled, spool } from '../../../src/transfer/spool.ts';
import { simData, SimGlance } from '../../support/sim/sim-download.ts';
import { watchGlance } from '../../support/sim/sim-steps.ts';
import { tempDir } from '../../support/temp-dir.ts';

const MiB = 1024 * 1024;
const data = simData(1, 40);
const uid = process.getuid?.() ?? null;
const running = 4711;

const optionsFor = (glance: SimGlance, overrides: Partial<FileTransferOptions> = {}): FileTransferOptions => ({
  ...watchGlance(glance).options,
  clock: systemClock,
  force: false,
  mode: 0o600,
  uid,
  process: { pid: 77, platform: process.platform, isRunning: (pid) => pid === running },
  ...overrides,
});

interface Passed {
  readonly passed: readonly Buffer[];
  readonly outcome: unknown;
  readonly listeners: number;
}

async function passOn(tmpdir: string, digests = new SimGlance(data).image.digests): Promise<Passed> {
  const passed: Buffer[] = [];
  const glance = new SimGlance(data);
  const stream = new Writable({ write: (chunk: Buffer, _encoding, taken) => taken(void passed.push(chunk)) });
  const image = { ...glance.image, digests };
  const source = { ...glance.source(), image, refresh: () => Promise.resolve(image) };
  const outcome: unknown = await spool(source, stream, 'pipe', tmpdir, optionsFor(glance)).catch(
    (error: unknown) => error,
  );
  return { passed, outcome, listeners: stream.listenerCount('error') };
}

describe('a stream', () => {
  it('gets the image once it is verified, and the file is removed', async () => {
    const tmpdir = await tempDir();
    const { passed, outcome, listeners } = await passOn(tmpdir);
    expect(outcome).toMatchObject({ outcome: 'downloaded', path: null, bytes: data.length, verifiedBy: 'sha256' });
    expect(Buffer.concat(passed).equals(data)).toBe(true);
    expect(passed.map(({ length }) => length)).toEqual([MiB, MiB, data.length - 2 * MiB]);
    expect([await readdir(tmpdir), listeners]).toEqual([[], 0]);
  });

  it('gets nothing of an image that does not match', async () => {
    const tmpdir = await tempDir();
    const { passed, outcome, listeners } = await passOn(tmpdir, [{ algorithm: 'md5', hex: '0'.repeat(32) }]);
    expect(outcome).toMatchObject({ code: 'integrity.digest' });
    expect([passed, await readdir(tmpdir), listeners]).toEqual([[], [], 0]);
  });

  it('that fails is reported, and the file is removed', async () => {
    const tmpdir = await tempDir();
    const stream = new PassThrough();
    stream.destroy();
    const glance = new SimGlance(data);
    const passing = spool(glance.source(), stream, 'pipe', tmpdir, optionsFor(glance));
    await expect(passing).rejects.toMatchObject({ code: 'pipe.closed' });
    expect(await readdir(tmpdir)).toEqual([]);
  });
});

describe('a temporary file', () => {
  it.each<[string, string, boolean]>([
    ['cut off', 'net.reset', false],
    ['wrong', 'integrity.digest', true],
  ])('of data that is %s is not promised to the next run', async (_what, code, isWrong) => {
    const tmpdir = await tempDir();
    const glance = new SimGlance(data);
    if (isWrong) glance.onPiece = (piece) => Buffer.alloc(piece.length);
    else glance.onOpen = () => void (glance.cutAfter = MiB);
    const kept: unknown[] = [];
    const options = optionsFor(glance, {
      keepCorrupt: true,
      retry: { retries: 0 },
      listen: (event) => void (event.event === 'failed' && kept.push(event.kept)),
    });
    const error: unknown = await openSpooled(glance.source(), tmpdir, options).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code });
    expect(Object.keys((error as GlanceError).facts)).not.toContain('partial');
    expect(String((error as GlanceError).facts.hint)).not.toContain('resumes');
    expect([kept, await readdir(tmpdir)]).toEqual([[null], []]);
  });

  it('is there until it is removed', async () => {
    const tmpdir = await tempDir();
    const glance = new SimGlance(data);
    const { path, result, remove } = await openSpooled(glance.source(), tmpdir, optionsFor(glance));
    expect((await readFile(path)).equals(data)).toBe(true);
    expect(await readdir(tmpdir)).toEqual([expect.stringMatching(/^glance-cli-spool-77-\w{6}$/)]);
    expect(result.path).toBe(path);
    await remove();
    await remove();
    expect(await readdir(tmpdir)).toEqual([]);
  });

  it('needs a directory in which it can be', async () => {
    const glance = new SimGlance(data);
    const nowhere = join(systemTmpdir(), 'glance-cli-nowhere', 'x');
    const error = { code: 'io.missing', facts: { hint: expect.stringContaining('TMPDIR') as string } };
    await expect(openSpooled(glance.source(), nowhere, optionsFor(glance))).rejects.toMatchObject(error);
  });
});

const daySeconds = 24 * 3600;

interface Left {
  readonly pid?: string;
  /** Seconds since it was written. */
  readonly age?: number;
  /** The same for the image in it; null: there is none. */
  readonly imageAge?: number | null;
  readonly isFile?: boolean;
  readonly uid?: number | null;
}

describe('what an earlier run left', () => {
  it.each<[string, Left, boolean]>([
    ['a day old, of a process that has ended', {}, true],
    ['a day old, where users have no ids', { uid: null }, true],
    ['a day old, without an image', { imageAge: null }, true],
    ['almost a day old', { age: daySeconds - 5 }, false],
    ['with an image that was written recently', { imageAge: daySeconds - 5 }, false],
    ['of a process that is running', { pid: String(running) }, false],
    ['of another user', { uid: 999_999 }, false],
    ['a file', { isFile: true }, false],
    ['not ours by its name', { pid: 'x' }, false],
  ])('%s: %j', async (_what, left, isRemoved) => {
    const { pid = '12', age = daySeconds + 5, imageAge = daySeconds + 5, isFile = false, uid: own = uid } = left;
    const tmpdir = await tempDir();
    const start = join(tmpdir, `glance-cli-spool-${pid}-`);
    const seconds = Date.now() / 1000;
    const path = isFile ? `${start}abcdef` : await mkdtemp(start);
    if (isFile) await writeFile(path, '');
    else if (imageAge !== null) {
      await writeFile(join(path, 'image'), 'left');
      await utimes(join(path, 'image'), seconds - imageAge, seconds - imageAge);
    }
    await utimes(path, seconds - age, seconds - age);
    await mkdir(join(tmpdir, 'other'));
    const glance = new SimGlance(data.subarray(0, 10));
    const lock = (): Promise<{ release: () => Promise<void> }> => Promise.resolve({ release: () => Promise.resolve() });
    const { remove } = await openSpooled(glance.source(), tmpdir, optionsFor(glance, { uid: own, lock }));
    await remove();
    expect(await readdir(tmpdir)).toHaveLength(isRemoved ? 1 : 2);
  });
});
