// What can go wrong between a Glance and a bucket: every fault of the store at every operation, with images of each kind, a Glance
// that breaks too, and whatever was in the bucket before; then the same again where nothing goes wrong. A proof runs every fault at
// every operation; otherwise each fault meets one of them, and each run is killed at one request. The command and the library take
// turns, as both would take a proof twice as long. The oracle is the same.
import { describe, expect, it } from 'vitest';
import * as partSizes from '../../../../../src/transfer/upload/part-sizes.ts';
import {
  befores,
  type BucketCase,
  bufferedBytes,
  echo,
  glanceFaults,
  imageSizes,
  moments,
  operations,
  partBytes,
  runBucketCase,
  runKilled,
  type SizeName,
} from '../../../../support/bucket-case.ts';
import { doorOn } from '../../../../support/doors.ts';
import { replaceExports } from '../../../../support/replace-exports.ts';
import { isProof } from '../../../../support/thoroughness.ts';

// Parts of kilobytes instead of megabytes.
replaceExports(partSizes, {
  partSizes: (size: number | null) => ({ bytes: partBytes, isStreamed: size !== null && size > bufferedBytes }),
});

interface StoreFault extends Pick<BucketCase, 'fault' | 'isCarriedOut'> {
  /**
   * A store that claims to have what it has not is caught in time only for parts; anything else is left for `verify` to find.
   */
  readonly isOfParts?: boolean;
}

const storeFaults: Readonly<Record<string, StoreFault>> = {
  'an end before the answer': { fault: { type: 'cut', afterBytes: null } },
  'a lost answer': { fault: { type: 'reset', afterBytes: null }, isCarriedOut: true },
  'an answer that is cut': { fault: { type: 'cut', afterBytes: 20 } },
  'a request that is reset': { fault: { type: 'resetRequest', afterBytes: 0 } },
  'a request that is cut': { fault: { type: 'cutRequest', afterBytes: 100 } },
  'a stall': { fault: { type: 'stall', afterBytes: null } },
  '500': { fault: { type: 'error', code: 'InternalError' } },
  '503 SlowDown': { fault: { type: 'error', code: 'SlowDown' } },
  '503 of a proxy': { fault: { type: 'status', status: 503, headers: [['Content-Type', 'text/plain']], body: echo } },
  'a page instead of an answer': { fault: { type: 'html' } },
  BadDigest: { fault: { type: 'flipRequest', offset: 50 } },
  'an answer without effect': { fault: { type: 'lose' }, isOfParts: true },
  rot: { fault: { type: 'rot', offset: 50 }, isOfParts: true },
  'an error within 200': { fault: { type: 'errorInside', code: 'InternalError' } },
  'ETags that are not MD5s': { fault: { type: 'opaqueETag' } },
  'keys that have expired': { fault: { type: 'error', code: 'ExpiredToken' } },
  'a clock that is wrong': { fault: { type: 'error', code: 'RequestTimeTooSkewed' } },
  'another region': { fault: { type: 'regionRedirect', region: 'eu-west-1' } },
  '403': { fault: { type: 'error', code: 'AccessDenied' } },
  'no bucket': { fault: { type: 'error', code: 'NoSuchBucket' } },
  'an upload that is gone': { fault: { type: 'error', code: 'NoSuchUpload' } },
  'a part that is missing': { fault: { type: 'error', code: 'InvalidPart' } },
};

const names = <Key extends string>(table: Readonly<Record<Key, unknown>>): readonly Key[] =>
  Object.keys(table) as Key[];
const pick = <T>(list: readonly T[], turn: number): T => list[turn % list.length] as T;

const multipart = new Set([
  'beginning the upload',
  'the first part',
  'the last part',
  'listing parts',
  'completing the upload',
]);

/** Whether the operation occurs at all for an image of that size. */
function happens(operation: string, size: SizeName): boolean {
  const isParts = imageSizes[size] > partBytes;
  if (operation === 'putting data') return !isParts;
  return isParts || !(multipart.has(operation) || operation === 'looking at the object');
}

const flavours = ['aws', 'rgw', 'swift'] as const;

function casesOf(fault: StoreFault, turn: number): readonly BucketCase[] {
  const all: BucketCase[] = [];
  let count = turn;
  const { isOfParts = false, ...faulty } = fault;
  const parts = ['the first part', 'the last part'];
  for (const operation of names(operations).filter((each) => !isOfParts || parts.includes(each))) {
    for (const size of names(imageSizes).filter((each) => happens(operation, each))) {
      for (const moment of names(moments)) {
        count++;
        // What Glance does comes round with every fourth case.
        const [round, glance] = [Math.floor(count / 4), pick(names(glanceFaults), count)];
        const rest = { before: pick(befores, count + round), flavour: pick(flavours, count), door: doorOn(round) };
        all.push({ ...faulty, operation, size, moment, glance, ...rest });
      }
    }
  }
  return isProof ? all : all.filter((_each, index) => index === (turn * 5) % all.length);
}

describe('a mirror to a bucket that meets', () => {
  it.each(names(storeFaults).map((name, index) => [name, index] as const))(
    '%s leaves nothing unverified readable, and the next run completes it',
    async (name, index) => {
      const failed: string[] = [];
      for (const each of casesOf(storeFaults[name] as StoreFault, index)) {
        try {
          await runBucketCase(each);
        } catch (error) {
          failed.push(`${JSON.stringify(each)}: ${(error as Error).message}`);
        }
      }
      expect(failed.join('\n')).toBe('');
    },
  );
});

/** More requests than any of these runs makes. */
const mostRequests = 60;

const killed = ['one buffer', 'several parts', 'streamed parts'] as const;

/**
 * The requests at which `npm test` kills them, by size: the beginning, looking, sending, completing and recording all occur
 * somewhere.
 */
const killedAt: Readonly<Record<(typeof befores)[number], readonly number[]>> = {
  nothing: [11, 15, 18],
  'another version': [5, 16, 27],
  'data without a record': [3, 8, 11],
  'an unfinished upload': [2, 4, 9],
};

/**
 * A run has less to do, and may end before it is killed, if the previous index was written in a later second than the records.
 */
const outcomes: ('killed' | 'done')[] = [];

describe.each(killed)('a mirror of an image of %s', (size) => {
  it.each(befores)(
    'that is killed at any request leaves nothing unverified, and the next run resumes it (before: %s)',
    async (before) => {
      const turn = killed.indexOf(size) + befores.indexOf(before);
      if (!isProof) {
        outcomes.push(await runKilled(size, before, pick(killedAt[before], killed.indexOf(size)), doorOn(turn)));
        return;
      }
      let done = 0;
      for (let at = 0; done < 3 && at < mostRequests; at++) {
        // Every other request at which it is killed is carried out.
        const door = doorOn(turn + Math.floor(at / 2));
        done = (await runKilled(size, before, at, door)) === 'done' ? done + 1 : 0;
      }
      expect(done).toBe(3);
    },
  );
});

it('is killed, and does not end before, in nearly all of these runs', () => {
  expect(outcomes.filter((outcome) => outcome === 'done').length).toBeLessThan(4);
});
