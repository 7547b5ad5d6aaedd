import { createCipheriv, createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import {
  chown,
  link,
  mkdir,
  open,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type CliOptions, type CliResult, runCli } from '../../../../support/run-cli.ts';
import { startCli } from '../../../../support/spawn-cli.ts';
import { type Store, type StoreOptions, startStore, storeImage } from '../../../../support/servers/store.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const mebibyte = 1024 * 1024;

/** Bytes without a pattern, the same each time. */
function bytesOf(length: number, seed = 1): Buffer {
  return createCipheriv('aes-128-ctr', Buffer.alloc(16, seed), Buffer.alloc(16)).update(Buffer.alloc(length));
}

const data = bytesOf(3 * mebibyte + 123);

interface Scene {
  readonly store: Store;
  readonly cwd: string;
  readonly download: (args?: readonly string[], options?: CliOptions) => Promise<CliResult>;
  readonly parts: () => Promise<string[]>;
}

async function scene(options: Partial<StoreOptions> = {}): Promise<Scene> {
  const store = await startStore({ data, ranges: 'works', ...options });
  const cwd = await tempDir();
  return {
    store,
    cwd,
    download: (args = [], run = {}) =>
      runCli(['--endpoint', store.url, 'download', storeImage, '-o', 'f', '-f', 'json', ...args], { cwd, ...run }),
    parts: async () => (await readdir(cwd)).filter((name) => name.endsWith('.part')),
  };
}

/** A scene in which a first run was interrupted after some bytes. */
async function broken(
  after: number,
  options: Partial<StoreOptions> = {},
  type: 'reset' | 'cut' = 'reset',
): Promise<Scene> {
  const made = await scene({ ...options, fault: { type, afterBytes: after } });
  const first = await made.download(['--retries', '0']);
  expect(first.code).toBe(5);
  const { hasDigest = true } = options;
  made.store.become({ fault: undefined as never, hasDigest });
  made.store.asked.length = 0;
  return made;
}

async function expectWhole({ cwd }: Scene, bytes = data): Promise<void> {
  expect((await readFile(join(cwd, 'f'))).equals(bytes)).toBe(true);
  expect(await readdir(cwd)).toEqual(['f']);
}

describe('a run after an interrupted one', () => {
  it('requests only the rest if the store has ranges', async () => {
    const made = await broken(2 * mebibyte);
    const result = await made.download();
    expect(JSON.parse(result.stdout)).toMatchObject({ outcome: 'downloaded', verified: true, retries: 0 });
    const { resumed_from: from } = JSON.parse(result.stdout) as { resumed_from: number };
    expect(from).toBeGreaterThan(0);
    expect(made.store.asked).toEqual([`bytes=${String(from)}-${String(data.length - 1)}`]);
    await expectWhole(made);
  });

  it.each(['refused', 'ignored'] as const)('reads from the start and compares, where ranges are %s', async (ranges) => {
    const made = await broken(2 * mebibyte, { ranges });
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { verified: true }]);
    expect(made.store.asked.length).toBe(ranges === 'refused' ? 2 : 1);
    await expectWhole(made);
  });

  it('starts over if the image was replaced, and never touches the old part again', async () => {
    const made = await broken(2 * mebibyte);
    const other = bytesOf(data.length, 2);
    made.store.become({ data: other });
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: 0 }]);
    await expectWhole(made, other);
  });

  it('fetches a damaged part again, and says so', async () => {
    const made = await broken(2 * mebibyte);
    const part = join(made.cwd, (await made.parts())[0] ?? '');
    const bytes = await readFile(part);
    bytes[1000] = 255 - (bytes[1000] ?? 0);
    await writeFile(part, bytes);
    const result = await made.download(['--progress', 'plain', '--error-format', 'human']);
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: 0 }]);
    expect(result.stderr).toContain('damaged');
    await expectWhole(made);
  });

  it('fetches only the damaged piece of a part again', async () => {
    const piece = 64 * mebibyte;
    const large = bytesOf(piece + 8 * mebibyte);
    const made = await broken(large.length - mebibyte, { data: large });
    const part = join(made.cwd, (await made.parts())[0] ?? '');
    const file = await open(part, 'r+');
    await file.write(Buffer.from('rot'), 0, 3, 1000);
    await file.close();
    const kept = (await stat(part)).size;
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: kept - piece, verified: true }]);
    expect(made.store.asked).toEqual([
      `bytes=0-${String(piece - 1)}`,
      `bytes=${String(kept)}-${String(large.length - 1)}`,
    ]);
    await expectWhole(made, large);
  });

  it('requests no data if only the final name was missing', async () => {
    const made = await scene();
    made.store.onData = () => writeFileSync(join(made.cwd, 'f'), 'mine');
    const first = await made.download();
    expect([first.code, JSON.parse(first.stderr)]).toMatchObject([8, { code: 'io.exists' }]);
    expect(await readFile(join(made.cwd, 'f'), 'utf8')).toBe('mine');
    await rm(join(made.cwd, 'f'));
    made.store.onData = () => undefined;
    made.store.asked.length = 0;
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: data.length, verified: true }]);
    expect(made.store.asked).toEqual([]);
    await expectWhole(made);
  });

  it.skipIf(process.getuid?.() !== 0)("does not continue somebody else's part (needs root)", async () => {
    const made = await broken(2 * mebibyte);
    await chown(join(made.cwd, (await made.parts())[0] ?? ''), 12_345, 12_345);
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: 0, verified: true }]);
    expect(made.store.asked).toEqual(['all']);
    await expectWhole(made);
  });

  it.each([
    ['emptied', () => ''],
    ['not JSON', () => '{"schema":1'],
    ['cut', (text: string) => text.slice(0, -10)],
    ['of a later version', (text: string) => text.replace('"schema":1', '"schema":2')],
    ['claiming more', (text: string) => text.replace(/\[\[0,\d+/, `[[0,${String(data.length)}`)],
  ])('starts over if the record is %s', async (_how, change) => {
    const made = await broken(2 * mebibyte);
    const record = join(made.cwd, `${(await made.parts())[0] ?? ''}.json`);
    await writeFile(record, change(await readFile(record, 'utf8')));
    const result = await made.download(['--progress', 'plain']);
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { resumed_from: 0, verified: true }]);
    expect(result.stderr).toContain('the record of an earlier, unfinished download cannot be read');
    await expectWhole(made);
  });

  it('cuts off bytes that the record does not vouch for, and resumes earlier if the part is shorter', async () => {
    const longer = await broken(2 * mebibyte);
    const part = join(longer.cwd, (await longer.parts())[0] ?? '');
    await truncate(part, data.length + 5000);
    expect((await longer.download()).code).toBe(0);
    await expectWhole(longer);
    const shorter = await broken(2 * mebibyte);
    await truncate(join(shorter.cwd, (await shorter.parts())[0] ?? ''), 1000);
    expect((await shorter.download()).code).toBe(0);
    await expectWhole(shorter);
  });

  it.each([
    ['a symbolic link', (part: string, other: string) => symlink(other, part)],
    ['a file that also has another name', (part: string, other: string) => link(other, part)],
  ])('does not write through %s in place of the part', async (_what, make) => {
    const made = await broken(2 * mebibyte);
    const part = join(made.cwd, (await made.parts())[0] ?? '');
    const other = join(await tempDir(), 'precious');
    await rename(part, other);
    const before = await readFile(other);
    await make(part, other);
    expect((await made.download()).code).toBe(0);
    expect((await readFile(other)).equals(before)).toBe(true);
    await expectWhole(made);
  });

  it('leaves files alone whose names are not its own', async () => {
    const made = await broken(2 * mebibyte);
    await writeFile(join(made.cwd, 'f.part'), 'mine');
    await writeFile(join(made.cwd, '.f.0123.part'), 'mine');
    expect((await made.download()).code).toBe(0);
    expect((await readdir(made.cwd)).toSorted()).toEqual(['.f.0123.part', 'f', 'f.part']);
  });

  it('requests the one missing byte', async () => {
    const made = await broken(data.length - 1, {}, 'cut');
    const part = join(made.cwd, (await made.parts())[0] ?? '');
    expect((await stat(part)).size).toBe(data.length - 1);
    expect((await made.download()).code).toBe(0);
    expect(made.store.asked).toEqual([`bytes=${String(data.length - 1)}-${String(data.length - 1)}`]);
    await expectWhole(made);
  });
});

describe('within one run', () => {
  it('resumes by range after a break, having checked the record again', async () => {
    const made = await scene({ fault: { type: 'reset', afterBytes: mebibyte }, times: 1 });
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { retries: 1, resumed_from: 0 }]);
    expect(made.store.asked[0]).toBe('all');
    expect(made.store.asked[1]).toMatch(/^bytes=\d+-/);
    await expectWhole(made);
  });

  it('starts over once if an image is replaced during a break', async () => {
    const made = await scene({ fault: { type: 'reset', afterBytes: mebibyte }, times: 1 });
    const other = bytesOf(data.length + 5, 3);
    let requests = 0;
    made.store.onData = () => {
      requests += 1;
      if (requests === 1) setImmediate(() => made.store.become({ data: other }));
    };
    const result = await made.download();
    expect(result.code).toBe(0);
    await expectWhole(made, other);
  });

  it('repairs wrong bytes from a range with one plain stream', async () => {
    const made = await broken(2 * mebibyte);
    made.store.become({ fault: { type: 'flip', offset: 10 }, times: 1 });
    const result = await made.download(['--progress', 'plain', '--error-format', 'human']);
    expect(result.code).toBe(0);
    expect(made.store.asked.at(-1)).toBe('all');
    expect(result.stderr).toContain('all of it is fetched again');
    await expectWhole(made);
  });

  it('a plain stream that does not match is final: exit 6, nothing kept', async () => {
    const made = await scene({ fault: { type: 'flip', offset: 10 } });
    const result = await made.download();
    expect(result.code).toBe(6);
    expect(result.error()).toMatchObject({ code: 'integrity.digest', partial: null });
    expect(made.store.asked).toEqual(['all']);
    expect(await readdir(made.cwd)).toEqual([]);
  });

  it('--keep-corrupt keeps mismatched data under another name', async () => {
    const made = await scene({ fault: { type: 'flip', offset: 10 } });
    const result = await made.download(['--keep-corrupt']);
    expect(result.code).toBe(6);
    expect(result.error()['partial']).toEqual({ path: join(made.cwd, 'f.corrupt'), bytes: data.length });
    expect(await readdir(made.cwd)).toEqual(['f.corrupt']);
  });

  it.each([
    ['a range that begins elsewhere', { type: 'otherRange' }],
    ['a range that is not named', { type: 'unnamedRange' }],
    ['a range among several', { type: 'multipartRange' }],
  ] as const)('%s switches ranges off', async (_what, fault) => {
    const made = await broken(2 * mebibyte);
    made.store.become({ fault });
    const result = await made.download();
    expect(result.code).toBe(0);
    expect(made.store.asked.at(-1)).toBe('all');
    await expectWhole(made);
  });

  it('a range that ends early is followed by another', async () => {
    const made = await broken(2 * mebibyte);
    made.store.become({ fault: { type: 'shortRange', bytes: 1000 }, times: 2 });
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { retries: 0 }]);
    expect(made.store.asked).toHaveLength(3);
    await expectWhole(made);
  });

  it('without any digest the overlap reveals different data', async () => {
    const made = await broken(2 * mebibyte, { hasDigest: false });
    const other = bytesOf(data.length, 4);
    made.store.become({ data: other });
    const result = await made.download();
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { verified: false, resumed_from: 0 }]);
    await expectWhole(made, other);
  });
});

describe('--connections', () => {
  const large = bytesOf(20 * mebibyte);

  it('fetches several ranges at once and verifies the whole', async () => {
    const made = await scene({ data: large });
    const result = await made.download(['--connections', '4']);
    expect([result.code, JSON.parse(result.stdout)]).toMatchObject([0, { verified_by: 'sha256', bytes: large.length }]);
    expect(made.store.asked[0]).toBe('all');
    expect(made.store.asked.filter((range) => range.startsWith('bytes=')).length).toBeGreaterThan(3);
    await expectWhole(made, large);
  });

  it.each(['refused', 'ignored'] as const)('is one stream where ranges are %s', async (ranges) => {
    const made = await scene({ data: large, ranges });
    expect((await made.download(['--connections', '3'])).code).toBe(0);
    expect(made.store.asked.filter((range) => range === 'all')).toHaveLength(1);
    await expectWhole(made, large);
  });

  it.each([
    ['a reset', { type: 'reset', afterBytes: mebibyte }],
    ['429', { type: 'status', status: 429, headers: [['Retry-After', '0']] }],
    ['a flipped bit', { type: 'flip', offset: 99 }],
    ['a wrong range', { type: 'otherRange' }],
  ] as const)('heals %s', async (_what, fault) => {
    const made = await scene({ data: large, fault, times: 3 });
    const result = await made.download(['--connections', '4']);
    expect(result.code).toBe(0);
    await expectWhole(made, large);
  });
});

describe('--sparse', () => {
  it('skips zeros in a raw image, and the file is the same', async () => {
    const zeros = Buffer.concat([bytesOf(mebibyte), Buffer.alloc(8 * mebibyte), bytesOf(1000), Buffer.alloc(mebibyte)]);
    const made = await scene({ data: zeros });
    expect((await made.download()).code).toBe(0);
    expect((await stat(join(made.cwd, 'f'))).blocks * 512).toBeLessThan(2 * mebibyte);
    await expectWhole(made, zeros);
    const full = await scene({ data: zeros });
    expect((await full.download(['--sparse', 'never'])).code).toBe(0);
    expect((await stat(join(full.cwd, 'f'))).blocks * 512).toBeGreaterThanOrEqual(zeros.length);
  });
});

describe('two at once', () => {
  it('on one target: the second one is told who holds it', async () => {
    const made = await scene();
    const seconds: CliResult[] = [];
    // The first one waits for its data until the second has ended.
    made.store.onData = async () => void seconds.push(await made.download());
    expect((await made.download()).code).toBe(0);
    expect(seconds.map(({ code }) => code)).toEqual([8]);
    expect(seconds[0]?.error()).toMatchObject({
      code: 'io.busy',
      message: expect.stringContaining(String(process.pid)),
    });
    await expectWhole(made);
  });
});

describe('several images', () => {
  it('tries all of them, reports failures, and exits with 9', async () => {
    const made = await scene();
    const result = await runCli(
      ['--endpoint', made.store.url, 'download', storeImage, 'no-such', '-o', './', '-f', 'json', '--jobs', '2'],
      { cwd: made.cwd },
    );
    expect(result.code).toBe(9);
    expect(result.error()).toMatchObject({ code: 'partial', message: '1 of 2 images failed' });
    expect(JSON.parse(result.stdout)).toMatchObject([
      { outcome: 'downloaded', image: storeImage, error: null },
      { outcome: 'failed', image: 'no-such' },
    ]);
    expect(await readdir(made.cwd)).toEqual(['image.raw']);
  });

  it('need a directory', async () => {
    const made = await scene();
    expect((await made.download(['another'])).code).toBe(2);
  });
});

describe('--metadata, --spool, --max-time', () => {
  it('writes the record beside the file', async () => {
    const made = await scene();
    expect((await made.download(['--metadata'])).code).toBe(0);
    const record = JSON.parse(await readFile(join(made.cwd, 'f.json'), 'utf8')) as Record<string, unknown>;
    expect(record).toMatchObject({ id: storeImage, size: data.length, os_hash_algo: 'sha256' });
  });

  it('overwrites its own record, and nothing else without --force', async () => {
    const made = await scene();
    await writeFile(join(made.cwd, 'f.json'), '{"mine":true}');
    const refused = await made.download(['--metadata']);
    expect([refused.code, JSON.parse(refused.stderr)]).toMatchObject([8, { code: 'io.exists' }]);
    expect([await readFile(join(made.cwd, 'f.json'), 'utf8'), made.store.asked]).toEqual(['{"mine":true}', []]);
    expect((await made.download(['--metadata', '--force'])).code).toBe(0);
    made.store.become({ record: { name: 'another name' } });
    expect((await made.download(['--metadata'])).code).toBe(0);
    expect(JSON.parse(await readFile(join(made.cwd, 'f.json'), 'utf8'))).toMatchObject({ name: 'another name' });
  });

  it('a record needs a file to lie beside', async () => {
    const made = await scene();
    for (const argv of [[], ['-o', '/dev/null']]) {
      const result = await runCli(['--endpoint', made.store.url, 'download', storeImage, '--metadata', ...argv], {
        cwd: made.cwd,
      });
      expect([result.code, result.stdoutBytes.length, made.store.asked]).toEqual([2, 0, []]);
      expect(result.stderr).toContain('--metadata writes beside a file');
    }
  });

  it('a spooled run removes old leftovers of killed runs, and nothing else', async () => {
    const made = await scene();
    const tmpdir = await tempDir();
    const long = new Date('2020-01-01T00:00:00Z');
    const gone = 2 ** 22 + 1;
    const names = [
      `spool-${String(gone)}-abcdef`,
      `spool-${String(process.pid)}-abcdef`,
      'other',
      `spool-${String(gone)}-fresh1`,
    ];
    for (const name of names) {
      const path = join(tmpdir, `glance-cli-${name}`);
      await mkdir(path);
      if (!name.endsWith('fresh1')) await utimes(path, long, long);
    }
    // A link with such a name is ignored, wherever it leads.
    names.push(`spool-${String(gone)}-linked`);
    await mkdir(join(tmpdir, 'glance-cli-other/kept'));
    await utimes(join(tmpdir, 'glance-cli-other'), long, long);
    await symlink('glance-cli-other', join(tmpdir, `glance-cli-spool-${String(gone)}-linked`));
    const argv = ['--endpoint', made.store.url, 'download', storeImage, '--spool'];
    const { ended } = startCli(argv, { TMPDIR: tmpdir }, made.cwd);
    expect((await ended).code).toBe(0);
    const left = ['.', 'glance-cli-other'].map((path) => readdir(join(tmpdir, path)));
    expect((await Promise.all(left)).map((found) => found.toSorted())).toEqual([
      names
        .slice(1)
        .map((name) => `glance-cli-${name}`)
        .toSorted(),
      ['kept'],
    ]);
  });

  it.each([
    ['is not there', 'none', 'io.missing'],
    ['is a file', 'file', 'io.missing'],
    ['is below a file', 'file/below', 'io.missing'],
    ['is not there and relative', '../none/tmp', 'io.missing'],
    ['makes nothing', '/proc/self', 'io.missing'],
  ])('a temporary directory that %s is reported, with the variable that names it', async (_what, name, code) => {
    const made = await scene();
    await writeFile(join(made.cwd, 'file'), '');
    const tmpdir = name.startsWith('.') ? name : resolve(made.cwd, name);
    const args = ['--endpoint', made.store.url, 'download', storeImage, '--spool', '--error-format', 'json'];
    const result = await runCli(args, { cwd: made.cwd, tmpdir });
    expect([result.code, result.stdoutBytes.length, result.error()]).toMatchObject([8, 0, { code }]);
    expect(result.error()['message']).toContain(resolve(made.cwd, name));
    expect(result.error()['hint']).toContain('TMPDIR');
  });

  it('passes nothing on before everything is verified', async () => {
    const made = await scene({ fault: { type: 'flip', offset: data.length - 1 } });
    const args = ['--endpoint', made.store.url, 'download', storeImage, '--spool'];
    const bad = await runCli(args, { cwd: made.cwd });
    expect([bad.code, bad.stdoutBytes.length]).toEqual([6, 0]);
    made.store.become({ times: 0 });
    const good = await runCli(args, { cwd: made.cwd });
    expect(good.code).toBe(0);
    expect(createHash('md5').update(good.stdoutBytes).digest('hex')).toBe(createHash('md5').update(data).digest('hex'));
  });
});
