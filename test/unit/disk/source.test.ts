// How long a file is whose size nobody tells, and what a stream is not read on for.
import { open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ForwardSource, measureFile } from '../../../src/disk/source.ts';
import { tempDir } from '../../support/temp-dir.ts';

describe('a file whose size is not told', () => {
  it.each([0, 1, 2, 3, 511, 512, 513, 2 ** 20 + 1, 300 * 2 ** 20, 2 ** 44 - 1, 2 ** 44])(
    'of %i bytes is measured by reading single bytes',
    async (size) => {
      const reads: number[] = [];
      const read = (_buffer: unknown, _at: unknown, _length: unknown, position: number): object => {
        reads.push(position);
        return { bytesRead: position < size ? 1 : 0 };
      };
      const handle = { read } as unknown as Parameters<typeof measureFile>[0];
      expect(await measureFile(handle)).toBe(size);
      expect(reads.length).toBeLessThanOrEqual(100);
    },
  );

  it('is measured as it lies on a disk', async () => {
    const path = join(await tempDir(), 'f');
    await writeFile(path, Buffer.alloc(123_457));
    const handle = await open(path);
    expect(await measureFile(handle)).toBe(123_457);
    await handle.close();
  });
});

describe('what is optional and far off', () => {
  async function* endless(read: { bytes: number }): AsyncGenerator<Uint8Array> {
    for (;;) {
      read.bytes += 65_536;
      yield await Promise.resolve(new Uint8Array(65_536));
    }
  }

  const far = { from: 'start', offset: 8 * 2 ** 20, length: 512, optional: true } as const;

  it('is not read up to, but fetched if it is available alone', async () => {
    const read = { bytes: 0 };
    const without = new ForwardSource(endless(read), { size: 2 ** 40, readsToEnd: false });
    expect([await without.read(far), read.bytes]).toEqual([null, 0]);
    const range = (_offset: number, length: number): Promise<Uint8Array> => Promise.resolve(Buffer.alloc(length, 7));
    const having = new ForwardSource(endless(read), { size: 2 ** 40, readsToEnd: false, range });
    expect(await having.read(far)).toEqual(Buffer.alloc(512, 7));
    expect(read.bytes).toBe(0);
  });

  it('is read up to in a pipe, and if it is not optional', async () => {
    for (const [need, readsToEnd] of [
      [far, true],
      [{ ...far, optional: false }, false],
    ] as const) {
      const read = { bytes: 0 };
      const source = new ForwardSource(endless(read), { size: null, readsToEnd });
      expect([(await source.read(need))?.length, read.bytes]).toEqual([512, 8 * 2 ** 20 + 65_536]);
    }
  });
});
