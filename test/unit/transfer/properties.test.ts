import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContentRange } from '../../../src/image/data-answer.ts';
import { addSpan, countBytes, type Extents, findGaps, frontierOf } from '../../../src/transfer/flow/extents.ts';
import { planPieces } from '../../../src/transfer/lanes.ts';
import { formatRecord, parseRecord, partKey } from '../../../src/transfer/part/part-record.ts';
import type { ImageIdentity } from '../../../src/transfer/flow/source.ts';
import { PieceLog } from '../../../src/transfer/part/pieces.ts';
import { findData } from '../../../src/transfer/part/sparse.ts';

const span = fc.tuple(fc.nat(200), fc.nat(50)).map(([start, length]) => ({ start, end: start + length }));
const spans = fc.array(span, { maxLength: 30 });

function collect(all: Extents): Extents {
  return all.reduce<Extents>((extents, each) => addSpan(extents, each), []);
}

function bytesOf(extents: Extents): Set<number> {
  return new Set(extents.flatMap(({ start, end }) => Array.from({ length: end - start }, (_, index) => start + index)));
}

describe('extents', () => {
  it('contain exactly the added bytes, in order, without touching each other', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const extents = collect(all);
        expect(bytesOf(extents)).toEqual(bytesOf(all));
        expect(countBytes(extents)).toBe(bytesOf(all).size);
        for (const [index, each] of extents.entries()) {
          expect(each.start).toBeGreaterThan(extents[index - 1]?.end ?? -1);
          expect(each.end).toBeGreaterThan(each.start);
        }
      }),
    );
  });

  it('and their gaps cover everything once', () => {
    fc.assert(
      fc.property(spans, span, (all, within) => {
        const extents = collect(all);
        const gaps = bytesOf(findGaps(extents, within));
        const expected = [...bytesOf([within])].filter((byte) => !bytesOf(extents).has(byte));
        expect([...gaps]).toEqual(expected);
      }),
    );
  });

  it('end at their frontier', () => {
    fc.assert(
      fc.property(spans, (all) => {
        const bytes = bytesOf(collect(all));
        const frontier = frontierOf(collect(all));
        expect(bytes.has(frontier)).toBe(false);
        expect(Array.from({ length: frontier }, (_, byte) => bytes.has(byte)).every(Boolean)).toBe(true);
      }),
    );
  });
});

it('pieces for lanes cover the gaps exactly, in order, whatever the size', () => {
  const gap = fc.tuple(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 40 }));
  fc.assert(
    fc.property(gap, fc.integer({ min: 1, max: 16 }), ([start, length], connections) => {
      const pieces = planPieces([{ start, end: start + length }], connections);
      expect(pieces[0]?.start).toBe(start);
      expect(pieces.at(-1)?.end).toBe(start + length);
      expect(pieces.every((piece, index) => index === 0 || piece.start === pieces[index - 1]?.end)).toBe(true);
    }),
    { numRuns: 30 },
  );
});

describe('Content-Range', () => {
  it('reads back as it was written', () => {
    const range = fc.tuple(fc.nat(2 ** 45), fc.integer({ min: 1, max: 2 ** 45 }), fc.option(fc.nat(2 ** 45)));
    fc.assert(
      fc.property(range, ([start, length, rest]) => {
        const end = start + length;
        const total = rest === null ? null : end + rest;
        const text = `bytes ${String(start)}-${String(end - 1)}/${total === null ? '*' : String(total)}`;
        expect(parseContentRange(text)).toEqual({ start, end, total });
      }),
    );
  });

  it.each(['bytes 5-4/10', 'bytes 0-10/10', 'bytes */10', 'bytes=0-1/2', 'bytes 0-1/2,3-4/5', 'bytes -1-2/3', '0-1/2'])(
    'of %s is invalid',
    (text) => {
      expect(parseContentRange(text)).toBeNull();
    },
  );

  it('of random text never throws, and only returns ranges', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const range = parseContentRange(text);
        expect(range === null || range.start < range.end).toBe(true);
      }),
    );
  });
});

describe('the record of a part', () => {
  const identity: ImageIdentity = {
    origin: 'http://glance.example',
    id: '1',
    size: 1_000_000,
    digests: [{ algorithm: 'md5', hex: 'a'.repeat(32) }],
    createdAt: '2026-01-01T00:00:00Z',
  };
  const log = new PieceLog();
  log.add(0, Buffer.alloc(1000, 1));
  log.add(5000, Buffer.alloc(10, 2));
  const text = formatRecord(identity, log.list());

  it('reads back as it was written', () => {
    expect(parseRecord(text, identity)).toEqual(log.list());
  });

  it('cut anywhere, or with any character changed, is invalid', () => {
    for (let length = 0; length < text.length; length++)
      expect(parseRecord(text.slice(0, length), identity)).toBeNull();
    fc.assert(
      fc.property(fc.nat(text.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
        fc.pre(text[at] !== character);
        expect(parseRecord(text.slice(0, at) + character + text.slice(at + 1), identity)).toBeNull();
      }),
    );
  });

  it.each([
    ['origin', { origin: 'http://other.example' }],
    ['id', { id: '2' }],
    ['digest', { digests: [{ algorithm: 'md5', hex: 'b'.repeat(32) }] }],
  ] as const)('is of no use for another %s, whose part has another name', (_what, change) => {
    expect(parseRecord(text, { ...identity, ...change })).toBeNull();
    expect(partKey({ ...identity, ...change })).not.toBe(partKey(identity));
  });

  it('of random text never throws', () => {
    fc.assert(
      fc.property(fc.string(), (random) => {
        expect(parseRecord(random, identity)).toBeNull();
      }),
    );
  });
});

it('only zeros are left out of a sparse file', () => {
  const block = fc.constantFrom(
    Buffer.alloc(40_000),
    Buffer.alloc(65_536),
    Buffer.alloc(100, 1),
    Buffer.alloc(70_000, 9),
  );
  fc.assert(
    fc.property(fc.array(block, { maxLength: 8 }), fc.nat(200_000), (blocks, position) => {
      const chunk = Buffer.concat(blocks);
      const copy = Buffer.alloc(chunk.length);
      for (const { start, end } of findData(chunk, position)) chunk.copy(copy, start, start, end);
      expect(copy.equals(chunk)).toBe(true);
    }),
  );
});
