// A store, a gateway or a firewall that sends the whole image but refuses every part of it, in whatever way.
import { createCipheriv } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/console/exit-codes.ts';
import { type Door, doorsOn, type Download, type Outcome } from '../../support/doors.ts';
import { makeEntry } from '../../support/images.ts';
import { glance } from '../../support/glance.ts';
import { type Store, type StoreOptions, startStore } from '../../support/servers/store.ts';
import { tempDir } from '../../support/temp-dir.ts';
import { isProof } from '../../support/thoroughness.ts';

const bytesOf = (size: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 7), Buffer.alloc(16)).update(Buffer.alloc(size));
const data = bytesOf(200_000);
/** Large enough to be fetched over several connections. */
const largeData = bytesOf(9 * 1024 * 1024);

type Refusal = NonNullable<StoreOptions['refusal']>;

const passing: readonly Refusal[] = [408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524, 'hang up'];
const all: readonly Refusal[] = [...Array.from({ length: 200 }, (_, index) => 400 + index), 'page', 'hang up'];
const refusals: readonly Refusal[] = isProof ? all : [400, 403, 416, 'page', 503, 'hang up'];

interface Scene {
  readonly store: Store;
  readonly cwd: string;
  /** To the file `f`, unless told otherwise. */
  readonly download: (retries: number, how?: Partial<Download>) => Promise<Outcome>;
}

async function scene(door: Door, options: Partial<StoreOptions>): Promise<Scene> {
  const store = await startStore({ data, ranges: 'refused', ...options });
  const cwd = await tempDir();
  return { store, cwd, download: (retries, how) => door.download({ url: store.url, cwd, file: 'f', retries, ...how }) };
}

/** A scene with 120,000 bytes left by a first run, on a store that refuses every part from now on. */
async function resumed(door: Door, refusal: Refusal): Promise<Scene> {
  const made = await scene(door, { refusal, fault: { type: 'cut', afterBytes: 120_000 } });
  expect((await made.download(0)).failure).toMatchObject({ code: 'http.truncated', partial: { bytes: 120_000 } });
  made.store.become({ fault: undefined as never });
  made.store.asked.length = 0;
  return made;
}

async function expectWhole({ cwd }: Scene, expected: Buffer): Promise<void> {
  expect((await readFile(join(cwd, 'f'))).equals(expected)).toBe(true);
  expect(await readdir(cwd)).toEqual(['f']);
}

/** With their places. */
const numbered = <T>(list: readonly T[]) => list.map((each, number) => [each, number] as const);

describe('where every part is refused, and the whole is given', () => {
  const expectResumed = async (door: Door, refusal: Refusal, retries: number): Promise<void> => {
    const made = await resumed(door, refusal);
    const { record } = await made.download(retries);
    expect(record).toMatchObject({ resumed_from: 120_000, verified: true });
    // What passes elsewhere is tried again first: a part costs less than the whole. A kept connection may be dead anyway.
    const tries = (passing.includes(refusal) ? 1 + retries : 1) + (refusal === 'hang up' ? 1 : 0);
    expect(made.store.asked).toEqual([...Array<string>(tries).fill('bytes=120000-199999'), 'all']);
    await expectWhole(made, data);
  };

  it.each(numbered(refusals))('by %s, a download goes on all the same, whatever the retries', async (refusal, turn) => {
    for (const door of doorsOn(turn)) await expectResumed(door, refusal, 0);
    for (const door of doorsOn(turn + 1)) await expectResumed(door, refusal, 2);
  });

  it.each(numbered(isProof ? refusals : ([403, 429, 503, 'hang up', 'page'] as const)))(
    'by %s, several connections become one',
    async (refusal, turn) => {
      for (const door of doorsOn(turn)) {
        const made = await scene(door, { data: largeData, refusal });
        expect((await made.download(1, { connections: 3 })).failure).toBe(null);
        await expectWhole(made, largeData);
      }
    },
  );

  it.each(numbered(isProof ? refusals : ([403, 404, 503, 'hang up'] as const)))(
    'by %s, an interrupted stream is read again and continued',
    async (refusal, turn) => {
      for (const door of doorsOn(turn)) {
        const made = await scene(door, { refusal, fault: { type: 'cut', afterBytes: 120_000 }, times: 1 });
        const { failure, piped } = await made.download(1, { file: null });
        expect([failure, piped.equals(data)]).toEqual([null, true]);
        expect(made.store.asked.at(-1)).toBe('all');
      }
    },
  );

  it.each(numbered(refusals))('by %s, inspect says what it could not read', async (refusal, turn) => {
    const vhd = Buffer.concat([bytesOf(4 * 1024 * 1024), Buffer.from('conectix'), Buffer.alloc(504)]);
    const record = { disk_format: 'vhd' };
    for (const door of doorsOn(turn)) {
      const { url, asked } = await startStore({ data: vhd, ranges: 'refused', refusal, record });
      const report = await door.inspect({ url, retries: 1 });
      expect(report).toMatchObject({ hazards: [{ code: 'end_unread', severity: 'warning' }] });
      expect(asked.filter((range) => range === 'all')).toHaveLength(passing.includes(refusal) ? 3 : 1);
    }
  });
});

it.each([0, 1])('gives up a part that never sends a byte, and fetches the whole, with %i retries', async (retries) => {
  for (const door of doorsOn(retries)) {
    const made = await resumed(door, 400);
    made.store.become({ ranges: 'works', fault: { type: 'cut', afterBytes: 0 }, times: retries + 1 });
    expect((await made.download(retries)).failure).toBe(null);
    expect(made.store.asked).toEqual([...Array<string>(retries + 1).fill('bytes=120000-199999'), 'all']);
    await expectWhole(made, data);
  }
});

describe('if the whole is refused too, that decides', () => {
  it.each([
    [401, 4, 'auth.required'],
    [403, 4, 'auth.forbidden'],
    [410, 7, 'http.status'],
    [429, 5, 'http.429'],
    [501, 7, 'http.status'],
    [503, 5, 'http.503'],
  ] as const)('%i ends with %i, and what was there stays', async (status, exit, code) => {
    expect(exitCodeOf(code)).toBe(exit);
    for (const door of doorsOn(status)) {
      const made = await resumed(door, 400);
      made.store.become({ fault: { type: 'status', status, headers: [['Retry-After', '0']] } });
      expect((await made.download(1)).failure).toMatchObject({ code, partial: { bytes: 120_000 } });
      expect(made.store.asked.at(-1)).toBe('all');
      made.store.become({ fault: undefined as never });
      expect((await made.download(1)).failure).toBe(null);
      await expectWhole(made, data);
    }
  });
});

it('API v1 starts over in the same way', async () => {
  const catalog = [makeEntry(data, { id: '1' })];
  const isData = { path: /\/v1\/images\/1$/, method: 'GET' };
  for (const door of doorsOn(1)) {
    const { url } = await glance(catalog, [
      { on: { ...isData, times: 1 }, do: { type: 'cut', afterBytes: 120_000 } },
      {
        on: { ...isData, where: ({ headers }) => headers['range'] !== undefined },
        do: { type: 'status', status: 403 },
      },
    ]);
    const cwd = await tempDir();
    expect((await door.download({ url: url.href, image: '1', cwd, file: 'f', retries: 1 })).failure).toBe(null);
    expect((await readFile(join(cwd, 'f'))).equals(data)).toBe(true);
  }
});
