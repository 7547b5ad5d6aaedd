import { describe, expect, it, test } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import {
  afterMismatch,
  afterPiece,
  afterRefusedRange,
  afterTooManyRequests,
  firstState,
  planAttempt,
  type FetchState,
} from '../../../src/transfer/transfer-plan.ts';

const size = 1000;
const refused = afterRefusedRange(firstState(4));

describe('an attempt', () => {
  it.each([
    ['asks for the whole image at first', firstState(1), { size, bytes: 0, frontier: 0 }, { how: 'whole' }],
    [
      'is helped by further connections',
      firstState(2),
      { size, bytes: 0, frontier: 0 },
      { how: 'whole with help', size },
    ],
    ['asks for what is missing', firstState(1), { size, bytes: 10, frontier: 10 }, { how: 'gaps', size }],
    [
      'fetches nothing if everything is there',
      firstState(1),
      { size, bytes: size, frontier: size },
      { how: 'nothing' },
    ],
    ['asks for an image of no bytes, too', firstState(1), { size: 0, bytes: 0, frontier: 0 }, { how: 'whole' }],
    ['asks for all of an unknown size', firstState(4), { size: null, bytes: 10, frontier: 10 }, { how: 'whole' }],
    ['asks for no range that was refused', refused, { size, bytes: 10, frontier: 10 }, { how: 'whole' }],
    ['expects no help if ranges are refused', refused, { size, bytes: 0, frontier: 0 }, { how: 'whole' }],
  ] as const)('%s', (_what, state, progress, plan) => {
    expect(planAttempt(state, progress)).toEqual(plan);
  });
});

describe('data that is not the image', () => {
  const pieces = afterPiece(firstState(3));
  const last: FetchState = { ranges: 'refused', connections: 1, origin: 'last' };

  it.each([
    ['of one stream is final', firstState(3), 'integrity.digest', null],
    ['of one stream that contradicts itself is fetched once more', firstState(3), 'integrity.contradiction', last],
    ['of pieces is fetched once more', pieces, 'integrity.digest', last],
    ['of pieces that contradict each other is fetched once more', pieces, 'integrity.contradiction', last],
    ['of the last stream is final', last, 'integrity.digest', null],
    ['of the last stream is final, whatever came before', afterPiece(last), 'integrity.contradiction', null],
  ] as const)('%s', (_what, state, code, next) => {
    expect(afterMismatch(state, new GlanceError(code, 'other bytes'))).toEqual(next);
  });
});

test('too many requests halve the connections, down to one', () => {
  const connections = (state: FetchState): number => afterTooManyRequests(state).connections;
  expect([5, 2, 1].map((count) => connections(firstState(count)))).toEqual([2, 1, 1]);
});
