// How what is missing is cut up, fetched over several connections, and given up.
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import { Lanes, planPieces } from '../../../src/transfer/lanes.ts';
import type { Span } from '../../../src/transfer/flow/extents.ts';
import type { OpenedData } from '../../../src/transfer/flow/source.ts';
import { codeOf } from '../../support/code-of.ts';

const MiB = 1024 * 1024;
const span = (start: number, end: number): Span => ({ start: start * MiB, end: end * MiB });
const refusal = new GlanceError('http.range', 'no ranges');

describe('what is missing is cut', () => {
  it.each<[string, readonly Span[], number, number, Span, Span]>([
    ['not at all for one lane', [span(0, 100)], 1, 1, span(0, 100), span(0, 100)],
    ['into eight pieces per lane', [span(0, 128)], 2, 16, span(0, 8), span(120, 128)],
    ['by the bytes of all gaps', [span(100, 164), span(200, 264)], 2, 16, span(100, 108), span(256, 264)],
    ['into pieces that are not too small', [span(1, 11)], 4, 3, span(1, 5), span(9, 11)],
    ['into pieces that are not too large', [span(0, 2048)], 2, 32, span(0, 64), span(1984, 2048)],
    ['at the end of every gap', [span(0, 5), span(6, 7)], 2, 3, span(0, 4), span(6, 7)],
  ])('%s', (_how, gaps, connections, count, first, last) => {
    const pieces = planPieces(gaps, connections);
    expect([pieces.length, pieces[0], pieces.at(-1)]).toEqual([count, first, last]);
  });
});

interface Given {
  readonly size?: number;
  readonly gaps?: readonly Span[];
  readonly connections?: number;
  readonly overlap?: number;
  readonly signal?: AbortSignal;
  /** Called for each request, before its answer. */
  readonly onOpen?: (range: Span, signal: AbortSignal) => Promise<void> | void;
  /** Bytes that each answer delivers, in order; the others deliver everything. */
  readonly brings?: readonly number[];
  /** Called with the position at which an answer is abandoned. */
  readonly onEnd?: (position: number) => void;
}

/** Lanes over a store whose answers contain no bytes, only the position where they end. */
function setUp({ size = 12, connections = 1, overlap = 0, brings = [], onOpen, ...given }: Given): {
  lanes: Lanes;
  asked: Span[];
  refused: () => number;
} {
  const asked: Span[] = [];
  const left = [...brings];
  let refused = 0;
  const lanes = new Lanes({
    size: size * MiB,
    gaps: given.gaps ?? [span(0, size)],
    connections,
    overlap,
    signal: given.signal ?? new AbortController().signal,
    open: async (range, signal) => {
      asked.push(range);
      await onOpen?.(range, signal);
      return answer(range.start);
    },
    receive: async ({ start }, limit) => {
      let position = start;
      for (;;) {
        const end = (await limit(position)) ?? size * MiB;
        if (end === position) {
          given.onEnd?.(position);
          return position;
        }
        const count = left.shift() ?? end - position;
        if (count < end - position) return position + count;
        position = end;
      }
    },
    onRefused: () => void refused++,
  });
  return { lanes, asked, refused: () => refused };
}

const answer = (start: number): OpenedData => ({ body: Readable.from([]), start, contentLength: null, digests: [] });

describe('one lane', () => {
  it('requests each gap at once, and a little before it if that is to be compared', async () => {
    const gaps = [
      { start: 5, end: 20 },
      { start: 50, end: 60 },
    ];
    const plain = setUp({ gaps });
    await plain.lanes.run();
    expect(plain.asked).toEqual(gaps);
    const compared = setUp({ gaps, overlap: 10 });
    await compared.lanes.run();
    expect(compared.asked).toEqual([
      { start: 0, end: 20 },
      { start: 40, end: 60 },
    ]);
  });

  it.each<[string, number[], number, string | null]>([
    ['that deliver nothing', [0], 1, 'http.truncated'],
    ['with progress each, however many', Array.from({ length: 11 }, () => MiB), 12, null],
    ['that are short, one too many', [1, 1, 1, 1], 4, 'http.truncated'],
    ['that are short, three and then the rest', [1, 1, 1], 4, null],
    ['that are short, with progress in between', [1, 1, MiB - 1, MiB, 1, 1, 1], 8, null],
    ['that are short, with too little in between', [1, 1, MiB - 1, MiB - 1], 4, 'http.truncated'],
  ])('continues after answers %s', async (_what, brings, requests, code) => {
    const { lanes, asked } = setUp({ brings });
    expect(await codeOf(lanes.run())).toBe(code);
    expect(asked).toHaveLength(requests);
  });

  it('reports how far it got', async () => {
    const { lanes } = setUp({ gaps: [span(4, 12)], brings: [7, 0] });
    await expect(lanes.run()).rejects.toMatchObject({ expected: 12 * MiB, actual: 4 * MiB + 7 });
  });
});

it.each([0, -1, Number.NaN])('%s lanes are refused', (connections) => {
  expect(() => setUp({ connections })).toThrow(RangeError);
});

describe('several lanes', () => {
  it('fetch every piece once', async () => {
    const { lanes, asked, refused } = setUp({ connections: 2 });
    await lanes.run();
    expect(asked).toEqual([span(0, 4), span(4, 8), span(8, 12)]);
    expect(refused()).toBe(0);
  });

  it('request no more once a range is refused', async () => {
    const { lanes, asked, refused } = setUp({
      connections: 2,
      onOpen: ({ start }) => {
        if (start === 0) throw refusal;
      },
    });
    expect(await codeOf(lanes.run())).toBe('http.range');
    expect(asked).toEqual([span(0, 4), span(4, 8)]);
    expect(refused()).toBe(1);
  });

  it('are stopped by the first that fails, with its error', async () => {
    const failure = new GlanceError('net.reset', 'reset');
    const reasons: unknown[] = [];
    const { lanes, asked } = setUp({
      connections: 2,
      onOpen: async ({ start }, signal) => {
        if (start === 0) throw failure;
        await new Promise((resolve) => {
          signal.addEventListener('abort', resolve);
        });
        reasons.push(signal.reason);
        throw new Error('stopped');
      },
    });
    await expect(lanes.run()).rejects.toBe(failure);
    expect(reasons).toEqual([failure]);
    expect(asked).toHaveLength(2);
  });

  it('are stopped from outside', async () => {
    const controller = new AbortController();
    const { lanes } = setUp({
      signal: controller.signal,
      onOpen: (_range, signal) => {
        controller.abort(new Error('enough'));
        signal.throwIfAborted();
      },
    });
    await expect(lanes.run()).rejects.toThrow('enough');
  });
});

describe('beside the stream of the whole image, a lane', () => {
  it('takes pieces that the stream then leaves out', async () => {
    const { lanes, asked } = setUp({ connections: 2, size: 16 });
    await lanes.runBeside(answer(0));
    expect(asked[0]).toEqual(span(4, 8));
    const fetched = asked.reduce((sum, { start, end }) => sum + end - start, 0);
    // The stream delivers the first piece, and whatever follows it that no lane has taken.
    expect(fetched).toBe(12 * MiB);
  });

  it('gives its piece back if ranges are refused, and the stream continues alone', async () => {
    const { lanes, asked, refused } = setUp({
      connections: 2,
      onOpen: () => {
        throw refusal;
      },
    });
    await lanes.runBeside(answer(0));
    expect([asked, refused()]).toEqual([[span(4, 8)], 1]);
  });

  it('that is refused after another gives its piece back before the stream decides where to end', async () => {
    const ends: number[] = [];
    const { lanes, asked, refused } = setUp({
      connections: 3,
      size: 16,
      onOpen: async ({ start }) => {
        // The stream has come to its end, and is waiting, when the second one is refused.
        if (start > 4 * MiB) for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate);
        throw refusal;
      },
      onEnd: (position) => ends.push(position),
    });
    await lanes.runBeside(answer(0));
    expect(asked).toEqual([span(4, 8), span(8, 12)]);
    expect([refused(), ends]).toEqual([2, [16 * MiB]]);
  });

  it('is refused for good once the stream has been left', async () => {
    const { lanes, asked, refused } = setUp({
      connections: 2,
      size: 16,
      onOpen: ({ start }) => {
        if (start > 4 * MiB) throw refusal;
      },
    });
    expect(await codeOf(lanes.runBeside(answer(0)))).toBe('http.range');
    expect(asked[0]).toEqual(span(4, 8));
    expect(refused()).toBeGreaterThan(0);
  });

  it('does not make up for a stream that ends too soon', async () => {
    const { lanes } = setUp({
      connections: 2,
      brings: [MiB],
      onOpen: () => new Promise((resolve) => setImmediate(resolve)),
    });
    await expect(lanes.runBeside(answer(0))).rejects.toMatchObject({ code: 'http.truncated', actual: MiB });
  });
});
