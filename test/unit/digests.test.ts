import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { digestAlgorithms, findAlgorithm, isDigestHex, parseDigest } from '../../src/digests.ts';

describe('digest algorithms', () => {
  it.each(digestAlgorithms)('%s is computed by node:crypto, with the length that is checked', (algorithm) => {
    expect(isDigestHex(algorithm, createHash(algorithm).update('x').digest('hex'))).toBe(true);
  });

  it.each([
    ['SHA512', 'sha512'],
    ['sha-512', 'sha512'],
    ['sha_256', 'sha256'],
    ['sha3_512', 'sha3-512'],
    ['sha3-256', 'sha3-256'],
    ['blake2b', 'blake2b512'],
    ['MD5', 'md5'],
  ])('knows %s as %s', (name, algorithm) => {
    expect(findAlgorithm(name)).toBe(algorithm);
  });

  it.each(['shake_128', 'shake128', 'sm3', 'crc32', '', '__proto__', 'constructor'])('does not know %s', (name) => {
    expect(findAlgorithm(name)).toBeUndefined();
  });

  it('parses ALG:HEX in either case', () => {
    const hex = 'AB'.repeat(32);
    expect(parseDigest(`SHA-256:${hex}`)).toEqual({ algorithm: 'sha256', hex: hex.toLowerCase() });
  });

  it.each(['sha256', 'sha256:abc', 'foo:abcd', ':', 'md5:zz345678901234567890123456789012'])('refuses %s', (text) => {
    expect(() => parseDigest(text)).toThrow(expect.objectContaining({ code: 'usage.argument' }));
  });
});
