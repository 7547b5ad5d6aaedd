import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { DigestAlgorithm } from '../../../src/digests.ts';
import { EntryStore, type MirrorEntry } from '../../../src/mirror/entry-store.ts';

function hex(bytes: number): fc.Arbitrary<string> {
  return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((all) => Buffer.from(all).toString('hex'));
}

function digest(algorithm: DigestAlgorithm, bytes: number): fc.Arbitrary<{ algorithm: DigestAlgorithm; hex: string }> {
  return hex(bytes).map((each) => ({ algorithm, hex: each }));
}

const entry: fc.Arbitrary<MirrorEntry> = fc
  .record({
    id: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/),
    format: fc.stringMatching(/^[a-z0-9]{1,10}$/),
    size: fc.maxSafeNat(),
    digests: fc.uniqueArray(fc.oneof(digest('md5', 16), digest('sha256', 32), digest('sha512', 64)), {
      minLength: 1,
      selector: ({ algorithm }) => algorithm,
    }),
    record: hex(32),
  })
  .map(({ format, ...rest }) => ({ ...rest, file: `${rest.id}/${rest.id}.${format}` }));

it('returns every entry unchanged, the last one for each id', () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const store = new EntryStore();
      for (const each of entries) store.set(each);
      const expected = new Map(entries.map((each) => [each.id, each]));
      expect([...store.keys()]).toEqual([...expected.keys()]);
      expect([...store.values()]).toEqual([...expected.values()]);
      for (const [id, each] of expected) expect([store.has(id), store.get(id)]).toEqual([true, each]);
      expect(store.size).toBe(expected.size);
    }),
  );
});

it('a copy is independent of the original', () => {
  fc.assert(
    fc.property(entry, (each) => {
      const store = new EntryStore();
      store.set(each);
      const copy = store.copy();
      store.delete(each.id);
      expect([store.size, store.has(each.id), store.get(each.id)]).toEqual([0, false, undefined]);
      expect(copy.get(each.id)).toEqual(each);
    }),
  );
});
