// How few and how small the reads are that the bytes of an image take.
import { describe, expect, it } from 'vitest';
import { BlockReader, EarlyEnd } from '../../../../src/client/contents/block-reader.ts';
import type { RangeSource } from '../../../../src/client/contents/range-source.ts';
import type { Reads, Span } from '../../../../src/disk/blocks/reading.ts';
import { makeBytes } from '../../../support/images.ts';

const block = 64 * 1024;
const data = makeBytes(40 * block + 100);
const roomy = { bytes: data.length * 2, requests: 1000 };

interface Watched extends RangeSource {
  /** First block and number of blocks of each read. */
  readonly asked: string[];
  most: number;
}

function watched(size = data.length): Watched {
  let running = 0;
  const source: Watched = {
    size,
    asked: [],
    most: 0,
    read: async (offset, length, signal) => {
      source.asked.push(`${String(offset / block)}+${String(length / block)}`);
      running++;
      source.most = Math.max(source.most, running);
      await new Promise((resolve) => void setImmediate(resolve));
      running--;
      signal.throwIfAborted();
      return data.subarray(offset, offset + length);
    },
  };
  return source;
}

function* reading(...turns: readonly (readonly Span[])[]): Reads<readonly (readonly Uint8Array[])[]> {
  const answers: (readonly Uint8Array[])[] = [];
  for (const turn of turns) answers.push(yield turn);
  return answers;
}

const at = (first: number, length = 10): Span => ({ offset: first * block, length });
const never = new AbortController().signal;

describe('a reader of blocks', () => {
  it('gives the requested bytes, whichever blocks they are in', async () => {
    const spans = [
      at(0, 5),
      { offset: block - 3, length: 10 },
      { offset: 0, length: data.length },
      at(40, 1000),
      at(50),
      at(3, 0),
    ];
    const [answers] = await new BlockReader(watched(), roomy, never).drive(reading(spans));
    const same = spans.map(({ offset, length }, index) =>
      data.subarray(offset, offset + length).equals(answers?.[index] ?? Buffer.from('none')),
    );
    expect(same).toEqual(spans.map(() => true));
  });

  it('reads whole blocks, joining neighbours and those with one between', async () => {
    const source = watched();
    await new BlockReader(source, roomy, never).drive(reading([at(8), at(1), at(2), at(4), at(30)]));
    expect(source.asked).toEqual(['1+4', '8+1', '30+1']);
  });

  it('reads nothing twice in quick succession', async () => {
    const source = watched();
    await new BlockReader(source, roomy, never).drive(reading([at(1), at(4)], [at(1), at(4)], [at(4), at(5)]));
    expect(source.asked).toEqual(['1+1', '4+1', '5+1']);
  });

  it('reads ahead from the end of a long piece, and never past the end of the data', async () => {
    const source = watched();
    const turns = [[at(0, 4 * block)], [at(4, 4 * block)], [at(12, block)], [at(34, 4 * block)], [at(38, 10)]];
    await new BlockReader(source, roomy, never).drive(reading(...turns));
    expect(source.asked).toEqual(['0+4', '4+8', '12+5', '34+4', `38+${String(2 + 100 / block)}`]);
  });

  it('reads no more than 1 MiB at once, and four pieces at a time', async () => {
    const source = watched();
    await new BlockReader(source, roomy, never).drive(reading([at(0, 40 * block)]));
    expect(source.asked).toEqual(['0+16', '16+16', '32+8']);
    const scattered = Array.from({ length: 10 }, (_, index) => at(index * 4));
    await new BlockReader(source, roomy, never).drive(reading(scattered));
    expect(source.most).toBe(4);
  });

  it('counts what it read', async () => {
    const reader = new BlockReader(watched(), roomy, never);
    await reader.drive(reading([at(1), at(40)], [at(1)]));
    expect([reader.requests, reader.bytesRead]).toEqual([2, block + 100]);
  });

  it.each([
    ['bytes', { bytes: 2 * block, requests: 1000 }],
    ['requests', { bytes: data.length, requests: 2 }],
  ])('stops before it reads more %s than allowed', async (_name, limits) => {
    const source = watched();
    const reader = new BlockReader(source, limits, never);
    const end = reader.drive(reading([at(0)], [at(4)], [at(0), at(4)], [at(8)]));
    await expect(end).rejects.toThrow(new EarlyEnd('limit'));
    expect(source.asked).toEqual(['0+1', '4+1']);
  });

  it('stops if more is requested at once than memory should hold', async () => {
    const source = watched(2 ** 40);
    const end = new BlockReader(source, { bytes: 2 ** 40, requests: 1e9 }, never).drive(reading([at(0, 2 ** 39)]));
    await expect(end).rejects.toThrow(new EarlyEnd('limit'));
    expect(source.asked).toEqual([]);
  });

  it('stops if there are no ranges, and requests nothing further', async () => {
    const asked: number[] = [];
    const read = (offset: number): Promise<null> => {
      asked.push(offset);
      return Promise.resolve(null);
    };
    const end = new BlockReader({ size: data.length, read }, roomy, never).drive(reading([at(0)], [at(8)]));
    await expect(end).rejects.toThrow(new EarlyEnd('no_ranges'));
    expect(asked).toEqual([0]);
  });

  it('responds to a signal even if all data is cached', async () => {
    const stop = new AbortController();
    function* endless(): Reads<never> {
      for (;;) yield [at(0)];
    }
    const running = new BlockReader(watched(), roomy, stop.signal).drive(endless());
    setImmediate(() => stop.abort(new Error('stopped')));
    await expect(running).rejects.toThrow('stopped');
  });
});
