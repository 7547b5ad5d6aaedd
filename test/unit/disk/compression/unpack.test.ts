import { deflateRawSync, deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { UnreadableError } from '../../../../src/disk/blocks/reading.ts';
import { inflate, unzstd } from '../../../../src/disk/compression/unpack.ts';
import { decodeFrame, frameLength } from '../../../../src/disk/compression/zstd.ts';
import { readZstd, zstdContents, zstdLevels } from '../../../support/disk/zstd-samples.ts';
import { randomFrom } from '../../../support/random.ts';

const samples = Object.entries(zstdContents).flatMap(([name, make]) =>
  zstdLevels.map((level) => ({ name, level, content: make(), packed: readZstd(name, level) })),
);

/** With our own decoder, whatever Node has. */
function decode(packed: Uint8Array, most: number): Uint8Array {
  const output = new Uint8Array(most);
  return output.subarray(0, decodeFrame(packed.subarray(0, frameLength(packed)), output));
}

describe('zstd', () => {
  it.each(samples)('gives $name as it was before zstd $level', ({ content, packed }) => {
    expect(Buffer.compare(decode(packed, content.length), content)).toBe(0);
    // Other data follows the frame, as in a cluster.
    const followed = Buffer.concat([packed, Buffer.alloc(600, 'next')]);
    expect(Buffer.compare(unzstd(followed, content.length), content)).toBe(0);
  });

  it.each(samples.filter(({ content }) => content.length > 0))(
    'returns no more of $name than requested ($level)',
    ({ content, packed }) => {
      expect(() => decode(packed, content.length - 1)).toThrow(UnreadableError);
      expect(() => unzstd(packed, content.length - 1)).toThrow(expect.objectContaining({ why: 'damaged' }));
    },
  );

  it.each(samples)('notices that $name is cut off ($level)', ({ content, packed }) => {
    for (const length of [packed.length - 1, packed.length - 5, Math.floor(packed.length / 2), 5]) {
      expect(() => unzstd(packed.subarray(0, length), content.length + 1)).toThrow(UnreadableError);
    }
  });

  it('unpacks several consecutive frames, and skips skippable ones', () => {
    const one = readZstd('short', '-3');
    const skippable = Buffer.from('502a4d1805000000aabbccddee', 'hex');
    const text = Buffer.from('hello, hello, hello');
    const both = unzstd(Buffer.concat([one, skippable, one, skippable]), 100);
    expect(Buffer.from(both)).toEqual(Buffer.concat([text, text]));
  });

  it('returns nothing for other data', () => {
    expect(unzstd(Buffer.alloc(100), 100)).toHaveLength(0);
  });

  it('keeps within its bounds, whatever is changed', () => {
    const random = randomFrom(7);
    const below = (limit: number): number => Math.floor(random() * limit);
    const small = samples.filter(({ packed }) => packed.length > 10 && packed.length < 2000);
    for (let input = 0; input < 2000; input++) {
      const { packed, content } = small[below(small.length)] ?? { packed: Buffer.alloc(0), content: Buffer.alloc(0) };
      const changed = Buffer.from(packed);
      for (let changes = 1 + below(4); changes > 0; changes--)
        changed[below(Math.min(changed.length, 200))] = below(256);
      try {
        expect(decode(changed, content.length).length).toBeLessThanOrEqual(content.length);
      } catch (error) {
        expect(error).toBeInstanceOf(UnreadableError);
      }
    }
  });

  it('is not kept busy by a block that repeats endlessly', () => {
    // 98,046 sequences, each a match of 131,074 bytes by tables of one symbol, in a block of a dozen bytes.
    const sequences = Buffer.from([0xff, 0xff, 0xff, 0b01_01_01_00, 0, 0, 52, 0xff, 0xff, 0xff, 0x01]);
    const body = Buffer.concat([Buffer.from([0x08, 0x41]), sequences]);
    const head = Buffer.alloc(3);
    head.writeUIntLE(body.length * 8 + 5, 0, 3);
    const frame = Buffer.concat([Buffer.from('28b52ffd0058', 'hex'), head, body]);
    expect(() => decode(frame, 2 * 1024 * 1024)).toThrow(UnreadableError);
  });
});

describe('deflate', () => {
  const content = Buffer.from('abc'.repeat(1000));

  it('returns the original data, with a header and without, whatever follows', () => {
    const more = Buffer.alloc(300, 1);
    expect(Buffer.from(inflate(Buffer.concat([deflateRawSync(content), more]), 3000, 'none'))).toEqual(content);
    expect(Buffer.from(inflate(Buffer.concat([deflateSync(content), more]), 3000, 'zlib'))).toEqual(content);
  });

  it.each([
    ['more comes out', deflateRawSync(content)],
    ['it bursts', deflateRawSync(Buffer.alloc(50_000_000))],
    ['it is cut off', deflateRawSync(content).subarray(0, 10)],
    ['it is something else', Buffer.alloc(100, 0xff)],
    ['there is nothing', Buffer.alloc(0)],
  ])('is damaged if %s', (_what, bytes) => {
    expect(() => inflate(bytes, 2999, 'none')).toThrow(expect.objectContaining({ why: 'damaged' }));
  });
});
