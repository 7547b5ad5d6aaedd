import { createHash } from 'node:crypto';
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { GlanceError } from '../../../src/errors.ts';
import { progressThreshold } from '../../../src/retry.ts';
import { foreseeDownload } from '../../../src/transfer/foresee.ts';
import { downloadToFile } from '../../../src/transfer/download.ts';
import type { FileTransferOptions } from '../../../src/transfer/download-options.ts';
import { downloadToStream } from '../../../src/transfer/download-stream.ts';
import type { TransferEvent } from '../../../src/transfer/flow/events.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import type { ImageIdentity } from '../../../src/transfer/flow/source.ts';
import { type FileTarget, inspectTarget } from '../../../src/transfer/files/target.ts';

const data = Buffer.from('0123456789'.repeat(1000));
const md5Of = (bytes: Buffer): string => createHash('md5').update(bytes).digest('hex');
const md5 = md5Of(data);
let directory: string;
let path: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'glance-cli-'));
  path = join(directory, 'image.raw');
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const image = (overrides: Partial<ImageIdentity> = {}): ImageIdentity => ({
  origin: 'http://glance.example',
  id: '1',
  size: data.length,
  digests: [{ algorithm: 'md5', hex: md5 }],
  createdAt: null,
  ...overrides,
});

/** A store without ranges that sends these bodies, one per request. */
const source = (
  bodies: (() => Readable)[],
  identity: Partial<ImageIdentity> = {},
  overrides: Partial<DownloadSource> = {},
): DownloadSource => ({
  name: 'image',
  image: image(identity),
  pinned: [],
  open: (range) => {
    if (range !== null) throw new GlanceError('http.range', 'no parts here');
    const next = bodies.shift();
    if (next === undefined) throw new Error('opened once too often');
    return Promise.resolve({ body: next(), start: 0, contentLength: data.length, digests: [] });
  },
  refresh: () => Promise.resolve(image(identity)),
  requireDigest: false,
  answered: () => true,
  ...overrides,
});
const whole =
  (bytes: Buffer = data) =>
  (): Readable =>
    Readable.from([bytes.subarray(0, 3333), bytes.subarray(3333)]);
const breaksAfter =
  (count: number, bytes: Buffer = data) =>
  (): Readable =>
    Readable.from(
      (async function* () {
        yield bytes.subarray(0, count);
        throw new GlanceError('net.reset', 'the connection was reset');
      })(),
    );

/** Retries at once: waiting is not what these tests are about. */
const eagerClock = { ...systemClock, random: () => 0 };
const options = (overrides: Partial<FileTransferOptions> = {}, events: TransferEvent[] = []): FileTransferOptions => ({
  extraAlgorithms: [],
  retry: { retries: 3 },
  clock: eagerClock,
  signal: new AbortController().signal,
  listen: (event) => events.push(event),
  force: false,
  mode: 0o644,
  uid: process.getuid?.() ?? null,
  process: { pid: process.pid, platform: process.platform, isRunning: () => true },
  ...overrides,
});

async function target(): Promise<FileTarget> {
  const found = await inspectTarget(path);
  if (found.kind !== 'file') throw new Error('not a file');
  return found;
}

describe('downloadToFile', () => {
  it('gives the file its name, bytes and permissions, and leaves nothing else', async () => {
    const result = await downloadToFile(source([whole()]), await target(), options({ extraAlgorithms: ['sha256'] }));
    expect(await readFile(path)).toEqual(data);
    expect((await stat(path)).mode.toString(8)).toBe('100644');
    expect(await readdir(directory)).toEqual(['image.raw']);
    expect(result).toMatchObject({ outcome: 'downloaded', path, bytes: data.length, verifiedBy: 'md5', retries: 0 });
    expect(result.digests).toEqual([
      { algorithm: 'md5', hex: md5 },
      { algorithm: 'sha256', hex: createHash('sha256').update(data).digest('hex') },
    ]);
  });

  it('writes with private permissions until everything is verified', async () => {
    const body = new PassThrough();
    const download = downloadToFile(source([() => body]), await target(), options());
    body.write(data.subarray(0, 5000));
    let names: string[] = [];
    while (names.length < 2)
      names = (await readdir(directory)).filter((name) => /part/.test(name) && !name.endsWith('.tmp'));
    expect(names.toSorted()).toEqual([
      expect.stringMatching(/^\.image\.raw\.[0-9a-f]{12}\.part$/),
      expect.stringMatching(/^\.image\.raw\.[0-9a-f]{12}\.part\.json$/),
    ]);
    for (const name of names) expect((await stat(join(directory, name))).mode.toString(8)).toBe('100600');
    body.end(data.subarray(5000));
    await download;
    expect(await readdir(directory)).toEqual(['image.raw']);
  });

  it.each([
    ['a wrong byte', () => whole(Buffer.concat([data.subarray(0, -1), Buffer.from('x')])), 'integrity.digest', 0],
    ['a missing byte', () => whole(data.subarray(0, -1)), 'http.truncated', data.length - 1],
    ['one byte too many', () => whole(Buffer.concat([data, Buffer.from('x')])), 'integrity.excess', 0],
    ['a break', () => breaksAfter(5000), 'net.reset', 5000],
    ['a break before the first byte', () => breaksAfter(0), 'net.reset', 0],
  ])('leaves an old file alone after %s, and keeps what a later run can continue', async (_fault, body, code, kept) => {
    await writeFile(path, 'old');
    const events: TransferEvent[] = [];
    const download = downloadToFile(
      source([body()]),
      await target(),
      options({ force: true, retry: { retries: 0 } }, events),
    );
    const error = await download.catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code });
    expect(await readFile(path, 'utf8')).toBe('old');
    const parts = (await readdir(directory)).filter((name) => name !== 'image.raw');
    expect(parts).toHaveLength(kept === 0 ? 0 : 2);
    expect((error as GlanceError).facts.partial?.bytes ?? 0).toBe(kept);
    expect(events.at(-1)).toMatchObject({ event: 'failed' });
  });

  it('reports how far it has read an existing target, and that nothing was left to do', async () => {
    await writeFile(path, data);
    const events: TransferEvent[] = [];
    const result = await downloadToFile(source([]), await target(), options({}, events));
    expect(result.outcome).toBe('current');
    expect(events).toMatchObject([
      { event: 'start', total: data.length, kept: data.length },
      { event: 'check', bytes: data.length, total: data.length },
      { event: 'done', bytes: data.length },
    ]);
  });

  it('finishes its reports on an existing target that differs', async () => {
    await writeFile(path, Buffer.alloc(data.length));
    const events: TransferEvent[] = [];
    await expect(downloadToFile(source([]), await target(), options({}, events))).rejects.toMatchObject({
      code: 'io.exists',
    });
    expect(events.map(({ event }) => event)).toEqual(['start', 'check', 'failed']);
  });

  it('reads everything again after a break if there are no ranges, and says so', async () => {
    const events: TransferEvent[] = [];
    const result = await downloadToFile(source([breaksAfter(6000), whole()]), await target(), options({}, events));
    expect(await readFile(path)).toEqual(data);
    expect(result.retries).toBe(1);
    expect(events.find((event) => event.event === 'compare')).toEqual({ event: 'compare', bytes: 3333, total: 6000 });
    expect(events.find((event) => event.event === 'retry')).toMatchObject({
      attempt: 2,
      code: 'net.reset',
      bytes: 6000,
    });
  });

  it('gives up after the allowed retries, with the number of tries', async () => {
    const bodies = [breaksAfter(1), breaksAfter(1), breaksAfter(1), breaksAfter(1)];
    await expect(downloadToFile(source(bodies), await target(), options())).rejects.toMatchObject({
      code: 'net.reset',
      facts: { attempts: 4, partial: { bytes: 1 } },
    });
  });

  it('transfers nothing if the file already matches', async () => {
    await writeFile(path, data);
    const before = await stat(path);
    expect(await downloadToFile(source([]), await target(), options())).toMatchObject({
      outcome: 'current',
      verifiedBy: 'md5',
    });
    expect((await stat(path)).ino).toBe(before.ino);
  });

  it('refuses a file that differs, and replaces it with force', async () => {
    await writeFile(path, 'old');
    await expect(downloadToFile(source([]), await target(), options())).rejects.toMatchObject({ code: 'io.exists' });
    expect(await readFile(path, 'utf8')).toBe('old');
    await downloadToFile(source([whole()]), await target(), options({ force: true }));
    expect(await readFile(path)).toEqual(data);
  });

  it('checks again under the lock, and requests nothing if a file has appeared', async () => {
    const found = await target();
    await writeFile(path, 'came meanwhile');
    await expect(downloadToFile(source([]), found, options())).rejects.toMatchObject({ code: 'io.exists' });
    expect(await readFile(path, 'utf8')).toBe('came meanwhile');
    await writeFile(path, data);
    expect(await downloadToFile(source([]), found, options())).toMatchObject({ outcome: 'current', verifiedBy: 'md5' });
  });

  it('does not replace a file that appeared during the download', async () => {
    const found = await target();
    const body = (): Readable =>
      Readable.from(
        (async function* () {
          yield data;
          await writeFile(path, 'came meanwhile');
        })(),
      );
    const partial = { path: expect.stringMatching(/\.part$/), bytes: data.length };
    const error = { code: 'io.exists', facts: { partial, hint: 'give `force` to replace it' } };
    await expect(downloadToFile(source([body]), found, options())).rejects.toMatchObject(error);
    expect(await readFile(path, 'utf8')).toBe('came meanwhile');
    const result = await downloadToFile(source([]), found, { ...options(), force: true });
    expect(result).toMatchObject({ outcome: 'downloaded', resumedFrom: data.length });
    expect(await readdir(directory)).toEqual(['image.raw']);
  });

  it('replaces the target of a link and keeps the link; hard links to the old file keep it', async () => {
    await writeFile(join(directory, 'real'), 'old');
    await link(join(directory, 'real'), join(directory, 'second'));
    await symlink('real', path);
    await downloadToFile(source([whole()]), await target(), options({ force: true }));
    expect(await readFile(join(directory, 'real'))).toEqual(data);
    expect(await readFile(join(directory, 'second'), 'utf8')).toBe('old');
    expect(await readFile(path)).toEqual(data);
  });

  it('stops when told to, and keeps the part', async () => {
    const controller = new AbortController();
    const body = (): Readable =>
      Readable.from(
        (async function* () {
          yield data.subarray(0, 5000);
          controller.abort(new Error('stop'));
          throw controller.signal.reason;
        })(),
      );
    const events: TransferEvent[] = [];
    await expect(
      downloadToFile(source([body]), await target(), options({ signal: controller.signal }, events)),
    ).rejects.toThrow('stop');
    expect(events.at(-1)).toMatchObject({ event: 'failed', kept: { bytes: 5000 } });
    const again = await downloadToFile(source([whole()]), await target(), options());
    expect(again).toMatchObject({ outcome: 'downloaded', resumedFrom: 5000 });
    expect(await readFile(path)).toEqual(data);
    expect(await readdir(directory)).toEqual(['image.raw']);
  });

  it.each([
    ['with', 5000 / 2],
    ['without', data.length / 2],
  ])(
    'reports how fast bytes arrive %s ranges, without counting kept bytes that are read again',
    async (ranges, bytesPerSecond) => {
      const first = downloadToFile(source([breaksAfter(5000)]), await target(), options({ retry: { retries: 0 } }));
      await expect(first).rejects.toMatchObject({ code: 'net.reset' });
      let now = 0;
      const clock = { ...eagerClock, monotonic: () => now };
      const listen = ({ event }: TransferEvent): void => {
        if (event === 'check') now += 100_000;
        else if (event === 'sync') now += 30_000;
      };
      const sent = (start: number) => (): Readable =>
        Readable.from(
          (async function* () {
            now += 2000;
            yield data.subarray(start);
          })(),
        );
      const ranged: DownloadSource['open'] = (range) =>
        Promise.resolve({
          body: sent(range?.start ?? 0)(),
          start: range?.start ?? 0,
          contentLength: null,
          digests: [],
        });
      const from = source([sent(0)], {}, ranges === 'with' ? { open: ranged } : {});
      const result = await downloadToFile(from, await target(), options({ clock, listen }));
      expect(result).toMatchObject({ resumedFrom: 5000, bytesPerSecond, seconds: 132 });
    },
  );

  it.each([
    ['net.refused', false],
    ['net.dns', false],
    ['net.timeout.connect', false],
    ['proxy.refused', false],
    ['net.timeout.headers', true],
    ['http.503', true],
  ] as const)('after %s for a part in every try, the whole is requested at last: %s', async (code, asksForWhole) => {
    const first = downloadToFile(source([breaksAfter(5000)]), await target(), options({ retry: { retries: 0 } }));
    await expect(first).rejects.toMatchObject({ code: 'net.reset' });
    const asked: string[] = [];
    const open: DownloadSource['open'] = (range) => {
      asked.push(range === null ? 'whole' : 'part');
      return Promise.reject(new GlanceError(code, range === null ? 'the whole' : 'a part'));
    };
    const again = downloadToFile(source([], {}, { open }), await target(), options({ retry: { retries: 1 } }));
    const facts = { attempts: 2, partial: { bytes: 5000 } };
    await expect(again).rejects.toMatchObject({ code, message: 'a part', facts });
    expect(asked).toEqual(['part', 'part', ...(asksForWhole ? ['whole'] : [])]);
  });

  it('accepts data without a digest if the size is known, and refuses it if neither is', async () => {
    const known = await downloadToFile(source([whole()], { digests: [] }), await target(), options());
    expect(known.verifiedBy).toBeNull();
    path = join(directory, 'other.raw');
    const open: DownloadSource['open'] = () =>
      Promise.resolve({ body: whole()(), start: 0, contentLength: null, digests: [] });
    await expect(
      downloadToFile(source([], { digests: [], size: null }, { open }), await target(), options()),
    ).rejects.toMatchObject({
      code: 'integrity.unprovable',
    });
    expect(await readdir(directory)).toEqual(['image.raw']);
  });

  it('refuses an image that cannot fit before requesting it', async () => {
    await expect(downloadToFile(source([], { size: 2 ** 60 }), await target(), options())).rejects.toMatchObject({
      code: 'io.nospace',
    });
  });
});

describe('downloadToStream', () => {
  function collector(highWaterMark = 16_384): { stream: Writable; bytes: () => Buffer } {
    const chunks: Buffer[] = [];
    const stream = new Writable({
      highWaterMark,
      write(chunk: Buffer, _encoding, callback) {
        chunks.push(Buffer.from(chunk));
        setImmediate(callback);
      },
    });
    return { stream, bytes: () => Buffer.concat(chunks) };
  }

  it('passes every byte on once, even if the connection breaks twice', async () => {
    const { stream, bytes } = collector();
    const bodies = [breaksAfter(4000), breaksAfter(2000), breaksAfter(9000), whole()];
    const result = await downloadToStream(source(bodies), stream, 'stdout', options());
    expect(bytes()).toEqual(data);
    expect(result).toMatchObject({ path: null, bytes: data.length, retries: 3, verifiedBy: 'md5' });
    expect(stream.writableEnded).toBe(false);
  });

  it.each<readonly [string, breaks: readonly number[], digests: boolean, asked: readonly (number | null)[]]>([
    ['requests the whole first, and then what is missing', [4000, 4001], true, [null, 4000, 4001]],
    ['requests the whole again if nothing came', [0, 4000], true, [null, null, 4000]],
    ['requests the whole again if everything came, and then a break', [10_000], true, [null, null]],
    [
      'requests the whole each time if nothing would prove that the rest belongs to it',
      [4000, 5000],
      false,
      [null, null, null],
    ],
  ])('%s', async (_what, breaks, hasDigest, asked) => {
    const { stream, bytes } = collector();
    const ranges: (number | null)[] = [];
    const left = [...breaks];
    const ranged = source([], hasDigest ? {} : { digests: [] }, {
      open: (range) => {
        ranges.push(range?.start ?? null);
        const start = range?.start ?? 0;
        const most = left.shift();
        const body =
          most === undefined
            ? Readable.from([data.subarray(start)])
            : breaksAfter(most - start, data.subarray(start))();
        return Promise.resolve({ body, start, contentLength: data.length - start, digests: [] });
      },
    });
    expect(await downloadToStream(ranged, stream, 'stdout', options())).toMatchObject({ retries: breaks.length });
    expect(ranges).toEqual(asked);
    expect(bytes()).toEqual(data);
  });

  it('notices that the image was replaced during a break', async () => {
    const { stream, bytes } = collector();
    const other = Buffer.from(data);
    other[10] = 0x78;
    const download = downloadToStream(source([breaksAfter(4000), whole(other)]), stream, 'stdout', options());
    await expect(download).rejects.toMatchObject({ code: 'integrity.contradiction' });
    expect(bytes()).toEqual(data.subarray(0, 4000));
  });

  it('works without a digest from the server too', async () => {
    const { stream } = collector();
    const other = Buffer.from(data);
    other[10] = 0x78;
    const download = downloadToStream(
      source([breaksAfter(4000), whole(other)], { digests: [] }),
      stream,
      'stdout',
      options(),
    );
    await expect(download).rejects.toMatchObject({ code: 'integrity.contradiction' });
  });

  it('fails at the end when the digest does not match', async () => {
    const { stream, bytes } = collector();
    const other = Buffer.from(data);
    other[10] = 0x78;
    await expect(downloadToStream(source([whole(other)]), stream, 'stdout', options())).rejects.toMatchObject({
      code: 'integrity.digest',
      algorithm: 'md5',
      expected: md5,
      bytes: data.length,
    });
    expect(bytes()).toEqual(other);
  });

  it('says if bad data was passed on, and only then', async () => {
    const { stream } = collector();
    const hintOf = async (download: Promise<unknown>): Promise<unknown> =>
      await download.then(
        () => 'none failed',
        (error: unknown) =>
          error instanceof GlanceError ? [error.code, /bad data/.test(error.facts.hint ?? '')] : error,
      );
    const other = Buffer.alloc(data.length);
    const more = Buffer.concat([data, data]);
    const once = options({ retry: { retries: 0 } });
    expect(await hintOf(downloadToStream(source([whole(other)]), stream, 'stdout', once))).toEqual([
      'integrity.digest',
      true,
    ]);
    expect(await hintOf(downloadToStream(source([whole(more)]), stream, 'stdout', once))).toEqual([
      'integrity.excess',
      true,
    ]);
    expect(await hintOf(downloadToStream(source([breaksAfter(4000)]), stream, 'stdout', once))).toEqual([
      'net.reset',
      false,
    ]);
    const empty = downloadToStream(source([() => Readable.from([])], { size: 0 }), stream, 'stdout', once);
    expect(await hintOf(empty)).toEqual([expect.stringMatching(/^integrity/), false]);
  });

  it.each([
    ['starts counting failures again', progressThreshold, 3],
    ['gives up', progressThreshold - 1, 2],
  ])('%s after attempts that bring %i bytes each', async (_what, step, asked) => {
    const large = Buffer.alloc(progressThreshold * 2 + 1, 'x');
    const ranges: (number | null)[] = [];
    const identity: Partial<ImageIdentity> = { size: large.length, digests: [{ algorithm: 'md5', hex: md5Of(large) }] };
    const ranged = source([], identity, {
      open: (range) => {
        const start = range?.start ?? 0;
        ranges.push(range === null ? null : start);
        const rest = large.subarray(start);
        const body = breaksAfter(Math.min(step, rest.length), rest)();
        return Promise.resolve({
          body: rest.length > step ? body : Readable.from([rest]),
          start,
          contentLength: rest.length,
          digests: [],
        });
      },
    });
    const { stream } = collector();
    const once = options({ retry: { retries: 1 } });
    const code = await downloadToStream(ranged, stream, 'stdout', once).then(
      ({ retries }) => retries,
      (error: unknown) => (error as GlanceError).code,
    );
    expect([code, ranges]).toEqual([asked === 3 ? 2 : 'net.reset', [null, step, 2 * step].slice(0, asked)]);
  });

  it('stops when the reader hangs up', async () => {
    const stream = new Writable({
      write(_chunk, _encoding, callback) {
        callback(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
      },
    });
    await expect(downloadToStream(source([whole()]), stream, 'stdout', options())).rejects.toMatchObject({
      code: 'pipe.closed',
    });
  });
});

describe('foreseeDownload', () => {
  it('fails for a target that cannot be read, unless it is to be replaced', async () => {
    const foresee = (force: boolean, signal = new AbortController().signal): Promise<unknown> => {
      const gone = { kind: 'file', path, existingSize: data.length } as unknown as FileTarget;
      const { uid } = options();
      return foreseeDownload(source([]), gone, {
        force,
        signal,
        uid,
        observers: [],
        approve: () => undefined,
        checkSpace: false,
      });
    };
    await expect(foresee(false)).rejects.toMatchObject({ code: 'io.missing' });
    expect(await foresee(true)).toEqual({ outcome: 'fetch', kept: 0, error: null });
    await expect(foresee(true, AbortSignal.abort(new Error('enough')))).rejects.toThrow('enough');
  });
});

describe('inspectTarget', () => {
  it('refuses whatever cannot become a file, each with its reason', async () => {
    await mkdir(join(directory, 'dir'));
    await symlink('nowhere', join(directory, 'dangling'));
    await writeFile(join(directory, 'file'), '');
    await expect(inspectTarget(join(directory, 'dir'))).rejects.toMatchObject({ code: 'io.not_regular' });
    await expect(inspectTarget(join(directory, 'dangling'))).rejects.toMatchObject({ code: 'io.not_regular' });
    await expect(inspectTarget(join(directory, 'no', 'such'))).rejects.toMatchObject({ code: 'io.missing' });
    await expect(inspectTarget(join(directory, 'file', 'x'))).rejects.toMatchObject({ code: 'io.missing' });
  });

  it('writes to devices as to a stream', async () => {
    expect(await inspectTarget('/dev/null')).toEqual({ kind: 'stream', path: '/dev/null' });
  });

  it.skipIf(process.getuid?.() === 0)('refuses a directory without write permission', async () => {
    await chmod(directory, 0o500);
    await expect(inspectTarget(path)).rejects.toMatchObject({ code: 'io.permission' });
  });
});
