// Buffers that are reused, and what is written to a descriptor.
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BufferPool, bufferBytes, keepBuffers } from '../../../../src/transfer/flow/buffers.ts';
import { DescriptorStream } from '../../../../src/transfer/flow/descriptor-stream.ts';
import { tempDir } from '../../../support/temp-dir.ts';

describe('buffers', () => {
  const take = (pool: BufferPool, count: number): Buffer[] =>
    Array.from({ length: count }, () => pool.acquireNow()).filter((each) => each !== null);

  it('are as many as the pool has, and whoever comes later waits for one', async () => {
    const pool = new BufferPool(2, 10);
    const [first, second] = [pool.acquireNow(), await pool.acquire()];
    expect([first?.length, second.length, pool.acquireNow()]).toEqual([10, 10, null]);
    const waiting = pool.acquire();
    pool.release(second);
    expect([await waiting, pool.acquireNow()]).toEqual([second, null]);
    pool.release(second);
    expect(pool.acquireNow()).toBe(second);
  });

  it.each<[string, number, number, boolean]>([
    ['of the usual size are kept for the next image while somebody wants them', 1, bufferBytes, true],
    ['are kept while one of two still wants them', 2, bufferBytes, true],
    ['are not kept otherwise', 0, bufferBytes, false],
    ['of another size are not kept', 1, 10, false],
  ])('%s', (_what, keepers, size, isKept) => {
    const ends = Array.from({ length: keepers }, () => keepBuffers());
    onTestFinished(() => {
      for (const end of ends) end();
    });
    if (keepers > 1) ends.pop()?.();
    const pool = new BufferPool(1, size);
    const [buffer] = take(pool, 1);
    if (buffer !== undefined) pool.release(buffer);
    pool.close();
    expect(new BufferPool(1, size).acquireNow() === buffer).toBe(isKept);
  });

  it('are kept up to sixteen, and dropped with the last who wanted them', () => {
    const end = keepBuffers();
    const pool = new BufferPool(18);
    const used = take(pool, 18);
    for (const buffer of used) pool.release(buffer);
    pool.close();
    const again = take(new BufferPool(18), 18);
    expect(again.filter((buffer) => used.includes(buffer))).toHaveLength(16);
    const next = new BufferPool(18);
    for (const buffer of again) next.release(buffer);
    next.close();
    end();
    const endOther = keepBuffers();
    expect(take(new BufferPool(18), 18).some((buffer) => again.includes(buffer))).toBe(false);
    endOther();
  });
});

describe('a stream over a descriptor', () => {
  const write = (stream: DescriptorStream, text: string): Promise<unknown> =>
    new Promise((resolve) => void stream.write(text, resolve));

  it('continues writing where the descriptor is, and leaves it open', async () => {
    const path = join(await tempDir(), 'file');
    const fd = openSync(path, 'w');
    const stream = new DescriptorStream(fd);
    expect(
      [await write(stream, 'some '), await write(stream, 'text')].every((error) => !(error instanceof Error)),
    ).toBe(true);
    stream.destroy();
    expect(readFileSync(path, 'utf8')).toBe('some text');
    closeSync(fd);
  });

  it('reports what cannot be written', async () => {
    const path = join(await tempDir(), 'file');
    closeSync(openSync(path, 'w'));
    const fd = openSync(path, 'r');
    const stream = new DescriptorStream(fd);
    stream.on('error', () => undefined);
    expect(await write(stream, 'text')).toMatchObject({ code: 'EBADF' });
    closeSync(fd);
  });
});
