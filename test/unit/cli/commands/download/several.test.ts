import { readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Interrupted } from '../../../../../src/cli/runtime.ts';
import type { Fault } from '../../../../support/faults.ts';
import { glance, type Glance } from '../../../../support/glance.ts';
import { makeBytes, makeEntry } from '../../../../support/images.ts';
import { ManualClock } from '../../../../support/manual-clock.ts';
import { type CliOptions, type CliResult } from '../../../../support/run-cli.ts';
import { tempDir } from '../../../../support/temp-dir.ts';

const data = makeBytes(200_000);
const catalog = ['a', 'b', 'c', 'd'].map((id) => makeEntry(data, { id, name: id, disk_format: 'qcow2' }));

const fault = (id: string, action: Fault['do'], times = Infinity): Fault => ({
  on: { method: 'GET', path: new RegExp(`/images/${id}$`), times },
  do: action,
});

const download = (server: Glance, args: readonly string[], options: CliOptions): Promise<CliResult> =>
  server.cli(['download', '-o', './', '-f', 'json', '--progress', 'none', ...args], options);

/** Some turns of the event loop, in which what a server in this process has sent is read. */
async function letArrive(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await new Promise((resolve) => void setImmediate(resolve));
  }
}

describe('several images', () => {
  it('that partly fail are all tried, and each failure is reported with its code', async () => {
    const cwd = await tempDir();
    const server = await glance(catalog, [fault('b', { type: 'flip', offset: 9 })]);
    const { code, error, stdout, stderr } = await download(server, ['a', 'b', 'nobody', 'c'], { cwd });
    expect(code).toBe(9);
    expect(error()).toMatchObject({ code: 'partial', exit: 9, message: '2 of 4 images failed' });
    const failures = error()['failures'] as { image: string; code: string }[];
    expect(failures.map(({ image, code: each }) => `${image} ${each}`).toSorted()).toEqual([
      'b integrity.digest',
      'nobody image.not_found',
    ]);
    const records = JSON.parse(stdout) as { outcome: string }[];
    expect(records.map(({ outcome }) => outcome)).toEqual(['downloaded', 'failed', 'failed', 'downloaded']);
    expect(stderr).toMatch(/^error: b: .*\[integrity\.digest\]$/m);
    expect((await readdir(cwd)).toSorted()).toEqual(['a.qcow2', 'c.qcow2']);
  });

  it('with mistyped names each get suggestions, once per name', async () => {
    const [cwd, server] = [await tempDir(), await glance([makeEntry(data, { id: '1', name: 'ubuntu-24.04' })])];
    const { code, stderr } = await download(server, ['1', 'ubunut-24.04', 'nobody'], { cwd });
    expect(code).toBe(9);
    expect(stderr).toContain(
      'error: no image has the name or id ubunut-24.04 [image.not_found]\n  hint: did you mean "ubuntu-24.04"?\n',
    );
    expect(stderr).toContain('error: no image has the name or id nobody [image.not_found]\n');
  });

  it('named twice, in whatever form, are fetched once', async () => {
    const server = await glance([makeEntry(data, { id: '1', name: 'one' }), makeEntry(data, { id: '2', name: 'two' })]);
    for (const names of [
      ['1', '1'],
      ['1', 'one', '1'],
      ['one', '1', '2'],
      ['1', 'nobody', 'one'],
    ]) {
      const cwd = await tempDir();
      const before = server.asked().length;
      const result = await download(server, names, { cwd });
      const fetched = server
        .asked()
        .slice(before)
        .filter((request) => request === 'GET /v1/images/1');
      expect([names, fetched.length]).toEqual([names, 1]);
      const ids = [JSON.parse(result.stdout) as { image: string }].flat().map(({ image }) => image);
      expect(ids).toEqual([...new Set(names.map((name) => (name === 'one' ? '1' : name)))]);
      if (names.includes('nobody')) expect(result.error()['message']).toBe('1 of 2 images failed');
      else expect([result.code, result.stderr]).toEqual([0, '']);
    }
  });

  it('named twice are reported if their pins do not match', async () => {
    const [cwd, server] = [await tempDir(), await glance(catalog)];
    const { code, error } = await download(server, ['a', `a@md5:${'0'.repeat(32)}`], { cwd });
    expect(code).toBe(9);
    expect(error()['failures']).toMatchObject([{ code: 'integrity.pin' }]);
  });

  it('are all settled when a signal stops them, and the next run resumes them', async () => {
    const cwd = await tempDir();
    const controller = new AbortController();
    const stall = { type: 'stall', afterBytes: 100_000 } as const;
    const server = await glance(catalog, [fault('a', stall, 1), fault('b', stall, 1)]);
    const result = download(server, ['a', 'b', 'c'], { cwd, signal: controller.signal });
    await server.waitForStalls(2);
    await letArrive();
    controller.abort(new Interrupted('SIGINT'));
    const { code, stderr } = await result;
    expect(code).toBe(130);
    expect(stderr).toMatch(/^a: kept [\d.]+ [KM]?i?B in .*\.a\.qcow2\.[0-9a-f]{12}\.part$/m);
    expect(stderr).toMatch(/^b: kept [\d.]+ [KM]?i?B in .*\.b\.qcow2\.[0-9a-f]{12}\.part$/m);
    expect(server.asked()).not.toContain('GET /v1/images/c');
    expect(await readdir(cwd)).toHaveLength(4);
    const again = await download(server, ['a', 'b', 'c'], { cwd });
    expect(again.code).toBe(0);
    const from = (JSON.parse(again.stdout) as { resumed_from: number }[]).map((record) => record.resumed_from > 0);
    expect(from).toEqual([true, true, false]);
    expect(await readdir(cwd)).toHaveLength(3);
  });

  it('are fetched fewer at once for the rest of the run after a 429', async () => {
    const cwd = await tempDir();
    const controller = new AbortController();
    const tooMany = { type: 'status', status: 429, headers: [['Retry-After', '0']] } as const;
    const server = await glance(catalog, [
      fault('a', tooMany, 1),
      fault('c', { type: 'stall', afterBytes: 10 }),
      fault('d', { type: 'stall', afterBytes: 10 }),
    ]);
    const result = download(server, ['a', 'b', 'c', 'd', '--jobs', '2'], { cwd, signal: controller.signal });
    await server.stalled;
    // Long enough for another request, if there were going to be one.
    expect((await server.cli(['list'])).code).toBe(0);
    controller.abort(new Interrupted('SIGINT'));
    expect((await result).code).toBe(130);
    const asked = server.asked();
    expect(asked.filter((request) => /^GET .*\/images\/[cd]$/.test(request))).toHaveLength(1);
  });
});

describe('--max-time', () => {
  it('stops those images that are not complete by then', async () => {
    const cwd = await tempDir();
    const clock = new ManualClock();
    const server = await glance(catalog, [fault('b', { type: 'stall', afterBytes: 100_000 })]);
    const result = download(server, ['a', 'b', '--jobs', '1', '--max-time', '5'], { cwd, clock });
    await server.stalled;
    clock.advance(5000);
    const { code, error, stdout } = await result;
    expect(code).toBe(9);
    expect(error()['failures']).toMatchObject([{ image: 'b', code: 'net.timeout.total' }]);
    expect(JSON.parse(stdout)).toMatchObject([{ outcome: 'downloaded' }, { outcome: 'failed' }]);
  });

  it('starts with the first request', async () => {
    const clock = new ManualClock();
    const server = await glance(catalog, [{ on: { method: 'HEAD' }, do: { type: 'stall', afterBytes: null } }]);
    const result = server.cli(['download', 'a', '-f', 'json', '--max-time', '5'], { clock });
    await server.stalled;
    clock.advance(5000);
    const { code, error } = await result;
    expect(code).toBe(5);
    expect(error()).toMatchObject({ code: 'net.timeout.total' });
  });
});

describe('what several images of a call would write to', () => {
  const first = makeEntry('first', { id: '1', name: 'a', disk_format: 'raw' });
  const outcomes = ({ stdout }: CliResult): readonly unknown[] =>
    (JSON.parse(stdout) as { image: string; outcome: string; error: { code: string } | null }[]).map(
      ({ image, outcome, error }) => [image, outcome, error?.code ?? null],
    );

  it.each([
    ['the record of another', { name: 'a.raw.json', disk_format: null }, ['--metadata'], ['a-1.raw', 'a.raw.json-2']],
    [
      'its damaged copy',
      { name: 'a.raw.corrupt', disk_format: null },
      ['--keep-corrupt'],
      ['a-1.raw', 'a.raw.corrupt-2'],
    ],
    ['its name', { name: 'a', disk_format: 'raw' }, [], ['a-1.raw', 'a-2.raw']],
    ['its name, except for case', { name: 'A', disk_format: 'raw' }, [], ['a-1.raw', 'A-2.raw']],
    [
      'a record where its data goes',
      { name: 'a', disk_format: null },
      ['--metadata'],
      ['a-1.json', 'a-2'],
      { disk_format: 'json' },
    ],
  ])('is found and distinguished before any is fetched: %s', async (_what, other, args, names, own: object = {}) => {
    const cwd = await tempDir();
    const server = await glance([
      { ...first, image: { ...first.image, ...own } },
      makeEntry('second', { id: '2', ...other }),
    ]);
    const result = await download(server, ['1', '2', ...args], { cwd });
    expect(result.code).toBe(0);
    expect(outcomes(result)).toEqual([
      ['1', 'downloaded', null],
      ['2', 'downloaded', null],
    ]);
    expect(await Promise.all(names.map((name) => readFile(join(cwd, name), 'utf8')))).toEqual(['first', 'second']);
    const records = args.join() === '--metadata' ? names.map((name) => `${name}.json`) : [];
    expect((await readdir(cwd)).toSorted()).toEqual([...names, ...records].toSorted());
  });

  it('is recognised if two names are links to one file', async () => {
    const cwd = await tempDir();
    await writeFile(join(cwd, 'file'), 'old');
    await symlink('file', join(cwd, 'a.raw'));
    await symlink('file', join(cwd, 'b.raw'));
    const server = await glance([first, makeEntry('second', { id: '2', name: 'b', disk_format: 'raw' })]);
    const result = await download(server, ['1', '2', '--force'], { cwd });
    expect(outcomes(result)).toEqual([
      ['1', 'downloaded', null],
      ['2', 'downloaded', null],
    ]);
    expect((await readdir(cwd)).toSorted()).toEqual(['a-1.raw', 'a.raw', 'b-2.raw', 'b.raw', 'file']);
    expect(await readFile(join(cwd, 'file'), 'utf8')).toBe('old');
  });

  it('is refused if not even ids tell two images apart', async () => {
    const [cwd, server, other] = [await tempDir(), await glance([first]), await glance([first])];
    const result = await download(server, ['1', `${other.url.href}v1/images/1`], { cwd });
    expect(outcomes(result)).toEqual([
      ['1', 'downloaded', null],
      [`${other.url.href}v1/images/1`, 'failed', 'io.name'],
    ]);
    expect(result.error()['failures']).toMatchObject([
      { message: `${join(cwd, 'a-1.raw')}: another image of this call is written there` },
    ]);
    expect(other.asked().filter((request) => request.startsWith('GET /v1/images/'))).toEqual([]);
  });

  it('is written once if an image is named twice', async () => {
    const cwd = await tempDir();
    const server = await glance([first]);
    const result = await download(server, ['1', 'a', '1'], { cwd });
    expect(result.code).toBe(0);
    expect(outcomes(result)).toEqual([['1', 'downloaded', null]]);
    expect(server.asked().filter((request) => request === 'GET /v1/images/1')).toHaveLength(1);
  });
});
