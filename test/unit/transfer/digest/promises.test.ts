import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { Digest, DigestAlgorithm } from '../../../../src/digests.ts';
import { type ErrorCode, GlanceError, IntegrityError } from '../../../../src/errors.ts';
import {
  compareDigests,
  type Expectation,
  expectationOf,
  isMismatch,
  learnFrom,
  strongestOf,
} from '../../../../src/transfer/digest/promises.ts';
import type { DownloadSource, OpenedData } from '../../../../src/transfer/flow/source.ts';

const lengths = { md5: 32, sha1: 40, sha256: 64, 'sha3-256': 64, sha512: 128 } as const;

function digest(algorithm: keyof typeof lengths, digit = 'a'): Digest {
  return { algorithm, hex: digit.repeat(lengths[algorithm]) };
}

/** What {@link action} throws. */
function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return null;
}

it.each<[readonly Digest[], DigestAlgorithm | null]>([
  [[], null],
  [[digest('md5')], 'md5'],
  [[digest('md5'), digest('sha512'), digest('sha256')], 'sha512'],
  [[digest('sha512'), digest('md5')], 'sha512'],
  // Of two that are equally long, the first.
  [[digest('sha256'), digest('sha3-256')], 'sha256'],
  [[digest('sha3-256'), digest('sha256')], 'sha3-256'],
])('of %j the strongest is %s', (digests, strongest) => {
  expect(strongestOf(digests)?.algorithm ?? null).toBe(strongest);
});

describe('compareDigests', () => {
  it('returns the strongest that matched, and nothing if nothing was promised', () => {
    const computed = [digest('sha256'), digest('md5')];
    expect(compareDigests([digest('md5')], computed, 1, 'cirros')).toBe('md5');
    expect(compareDigests([digest('md5'), digest('sha256')], computed, 1, 'cirros')).toBe('sha256');
    expect(compareDigests([], computed, 1, 'cirros')).toBeNull();
  });

  it('throws for the first that differs, with the expected and the actual one', () => {
    const promised = [digest('md5'), digest('sha1', 'b'), digest('sha256', 'b')];
    const computed = [digest('sha256'), digest('sha1'), digest('md5')];
    const error = thrownBy(() => compareDigests(promised, computed, 1, 'cirros'));
    expect(error).toBeInstanceOf(IntegrityError);
    expect(error).toMatchObject({
      code: 'integrity.digest',
      message: `cirros: the sha1 of the 1 byte received is ${'a'.repeat(40)}; it should be ${'b'.repeat(40)}`,
      algorithm: 'sha1',
      expected: 'b'.repeat(40),
      actual: 'a'.repeat(40),
      bytes: 1,
    });
  });

  it('treats a missing one as different', () => {
    expect(thrownBy(() => compareDigests([digest('md5')], [digest('sha1')], 2, 'cirros'))).toMatchObject({
      code: 'integrity.digest',
      algorithm: 'md5',
      actual: '',
      bytes: 2,
    });
  });
});

describe('what is expected', () => {
  const expectedOf = (size: number | null, digests: readonly Digest[], pinned: readonly Digest[]): Expectation =>
    expectationOf({ image: { size, digests }, pinned } as unknown as DownloadSource);
  const answer = (contentLength: number | null, digests: readonly Digest[] = []): OpenedData =>
    ({ contentLength, digests, body: Readable.from([]) }) as unknown as OpenedData;

  it('includes every required digest, and the strongest of the server', () => {
    const known = [digest('md5'), digest('sha512'), digest('sha256')];
    const pinned = [digest('sha1'), digest('md5', 'b')];
    expect(expectedOf(5, known, pinned)).toEqual({ size: 5, promised: [...pinned, digest('sha512')] });
    expect(expectedOf(null, [], pinned)).toEqual({ size: null, promised: pinned });
    expect(expectedOf(0, known, [])).toEqual({ size: 0, promised: [digest('sha512')] });
  });

  it('is learnt from the first answer if the record says nothing', () => {
    const md5 = [digest('md5')];
    expect(learnFrom({ size: null, promised: [] }, answer(7, md5), true)).toEqual({ size: 7, promised: md5 });
    // What is known stays, even the size of an empty image.
    expect(learnFrom({ size: 0, promised: [] }, answer(7), false)).toEqual({ size: 0, promised: [] });
    const sha1 = [digest('sha1')];
    expect(learnFrom({ size: 5, promised: sha1 }, answer(7, md5), true)).toEqual({ size: 5, promised: sha1 });
    expect(learnFrom({ size: null, promised: sha1 }, answer(null), true)).toEqual({ size: null, promised: sha1 });
  });

  it.each<[number | null, boolean, string | null]>([
    [5, false, null],
    [0, false, null],
    [5, true, 'the server has no digest for this image'],
    [null, true, 'the server has no digest for this image'],
    [null, false, 'neither the size nor a digest'],
  ])('without a digest, of size %j, digest required %j: %j', (size, isRequired, message) => {
    const error = thrownBy(() => learnFrom({ size: null, promised: [] }, answer(size), isRequired));
    if (message === null) expect(error).toBeNull();
    else {
      const hint = isRequired ? { hint: 'give one with `expect: ALG:HEX`' } : {};
      expect(error).toMatchObject({
        code: 'integrity.unprovable',
        message: expect.stringContaining(message) as string,
        facts: hint,
      });
    }
  });
});

it.each<[unknown, boolean]>([
  ...(['integrity.digest', 'integrity.size', 'integrity.excess', 'integrity.contradiction'] as const).map(
    (code): [ErrorCode, boolean] => [code, true],
  ),
  ...(['integrity.unprovable', 'net.reset'] as const).map((code): [ErrorCode, boolean] => [code, false]),
])('%s is a mismatch: %j', (code, isOne) => {
  expect(isMismatch(new GlanceError(code as ErrorCode, 'x'))).toBe(isOne);
});

it('only an error of ours is a mismatch', () => {
  expect(isMismatch({ code: 'integrity.digest' })).toBe(false);
  expect(isMismatch(null)).toBe(false);
});
