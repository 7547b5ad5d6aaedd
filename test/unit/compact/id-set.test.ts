import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdSet } from '../../../src/compact/id-set.ts';

const uuid = 'b01c0000-0000-4000-8000-00000000000a';

it('contains what was added, each once', () => {
  const ids = new IdSet();
  expect([ids.has(uuid), ids.add(uuid), ids.add(uuid), ids.has(uuid), ids.size]).toEqual([false, true, false, true, 1]);
});

it.each([
  ['in capitals', uuid.toUpperCase()],
  ['without hyphens', uuid.replaceAll('-', '')],
  ['with its hyphens elsewhere', 'b01c-00000000-4000-8000-00000000000a'],
  ['with a space in it', uuid.replace('b', ' ')],
  ['of zeros', uuid.replace(/[^-]/g, '0')],
  ['that ends sooner', uuid.slice(0, -1)],
  ['with more after it', `${uuid}a`],
  ['that is no text at all', ''],
  ['of another kind', '__proto__'],
  ['with a digit that only looks like one', uuid.replace('b', '\u0662')],
])('tells a UUID from one %s', (_what, other) => {
  const ids = new IdSet();
  ids.add(uuid);
  expect([ids.has(other), ids.add(other), ids.has(other), ids.size]).toEqual([false, true, true, 2]);
});

it('equals a set of text, however many are added', () => {
  const nibble = fc.constantFrom('0', 'f', 'F', '-');
  const near = fc.array(nibble, { minLength: 36, maxLength: 36 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.uuid(), near, fc.string())), (all) => {
      const [ids, texts] = [new IdSet(), new Set<string>()];
      for (const id of [...all, ...all]) {
        expect(ids.add(id)).toBe(!texts.has(id));
        texts.add(id);
        expect(ids.size).toBe(texts.size);
      }
    }),
  );
  const ids = new IdSet();
  for (let index = 0; index < 10_000; index++) expect(ids.add(asUuid(index))).toBe(true);
  for (let index = 0; index < 20_000; index++) expect(ids.has(asUuid(index))).toBe(index < 10_000);
  expect(ids.size).toBe(10_000);
});

/** Random ones alternate with those of a series. */
function asUuid(index: number): string {
  const hex = createHash('md5').update(String(index)).digest('hex');
  return index % 2 === 0
    ? hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    : `00000000-0000-0000-0000-${index.toString(16).padStart(12, '0')}`;
}
