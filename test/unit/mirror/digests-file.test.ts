import { describe, expect, it } from 'vitest';
import type { Digest } from '../../../src/digests.ts';
import {
  type DigestsFile,
  formatDigests,
  isSameData,
  parseDigests,
  provenBy,
} from '../../../src/mirror/digests-file.ts';
import { formatFailure, parseFailure } from '../../../src/mirror/failure-file.ts';
import { makeImage } from '../../support/images.ts';

const [md5, sha512]: readonly [Digest, Digest] = [
  { algorithm: 'md5', hex: 'a'.repeat(32) },
  { algorithm: 'sha512', hex: 'b'.repeat(128) },
];
const kept: DigestsFile = { file: '1.raw', size: 5, digests: [sha512, md5], verifiedBy: 'md5', etag: null };
const text = `{"schema":1,"file":"1.raw","size":5,"digests":{"md5":"${md5.hex}","sha512":"${sha512.hex}"},"verified_by":"md5"}\n`;

describe('digests.json', () => {
  it('is the same text for the same data, whatever the order of its digests', () => {
    expect(formatDigests(kept)).toBe(text);
    expect(formatDigests({ ...kept, digests: [md5, sha512] })).toBe(text);
    const noDigest = { ...kept, verifiedBy: null, etag: 'e-1' };
    expect(formatDigests(noDigest)).toBe(text.replace('"md5"}\n', 'null,"etag":"e-1"}\n'));
  });

  it('reads back as it was written', () => {
    for (const each of [kept, { ...kept, verifiedBy: null, etag: 'e-1' }])
      expect(parseDigests(formatDigests(each))).toEqual({ ...each, digests: [md5, sha512] });
  });

  it.each([
    ['no JSON', ''],
    ['no object', '[]'],
    ['of another schema', text.replace('"schema":1', '"schema":2')],
    ['without a file', text.replace('"file":"1.raw",', '')],
    ['of a negative size', text.replace('"size":5', '"size":-5')],
    ['of a broken size', text.replace('"size":5', '"size":5.5')],
    ['without digests', text.replace(/\{"md5.*?\}/, '{}')],
    ['with a digest cut short', text.replace(md5.hex, 'a')],
    ['with a digest of an unknown kind', text.replace('"md5":', '"crc32":')],
    ['verified by a digest that it does not have', text.replace('"verified_by":"md5"', '"verified_by":"sha256"')],
    ['that does not say what verified it', text.replace(',"verified_by":"md5"', '')],
    ['with an ETag that is not text', text.replace('"md5"}', '"md5","etag":1}')],
  ])('is rejected if it is %s', (_what, other) => {
    expect(parseDigests(other)).toBeNull();
  });

  it('agrees with an entry of the index that says the same', () => {
    const entry = { id: '1', file: '1/1.raw', size: 5, digests: [md5, sha512], record: 'c'.repeat(64) };
    expect(isSameData(entry, text)).toBe(true);
    for (const other of [
      { file: '1/1.img' },
      { size: 6 },
      { digests: [md5] },
      { digests: [md5, { ...sha512, hex: '' }] },
    ])
      expect(isSameData({ ...entry, ...other }, text)).toBe(false);
    expect(isSameData(entry, text.replace(/"md5":"a+",/, '').replace('"md5"', '"sha512"'))).toBe(false);
  });

  it('names what proves a new record: its own strongest digest, or else what proved the data before', () => {
    const both = { os_hash_algo: 'sha512', os_hash_value: sha512.hex, checksum: md5.hex };
    expect(provenBy(makeImage(both), [md5, sha512], null)).toBe('sha512');
    expect(provenBy(makeImage({ checksum: md5.hex }), [md5, sha512], null)).toBe('md5');
    expect(provenBy(makeImage(), [md5, sha512], kept)).toBe('md5');
    expect(provenBy(makeImage(), [sha512], kept)).toBeNull();
    expect(provenBy(makeImage(), [sha512], null)).toBeNull();
  });
});

describe('failure.json', () => {
  const failure = { id: '1', code: 'integrity.digest', message: 'damaged "\u202e"', record: 'c'.repeat(64) };

  it('reads back as it was written', () => {
    expect(parseFailure(formatFailure(failure), '1')).toEqual(failure);
  });

  it.each([
    ['no JSON', '{'],
    ['of another schema', formatFailure(failure).replace('"schema":1', '"schema":2')],
    ['of another image', formatFailure({ ...failure, id: '2' })],
    ['without a code', formatFailure(failure).replace('"code"', '"core"')],
  ])('is rejected if it is %s', (_what, other) => {
    expect(parseFailure(other, '1')).toBeNull();
  });
});
