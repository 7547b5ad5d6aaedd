import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PackedMap } from '../../../src/compact/packed-map.ts';
import { externalBytes } from '../../support/heap.ts';
import { anyCharacter } from '../../support/any-text.ts';

const key = fc.oneof(fc.constantFrom('a', 'b', 'c', '', '__proto__'), fc.string({ unit: anyCharacter }), fc.uuid());
const value = fc.string({ unit: fc.integer({ min: 0, max: 255 }).map((code) => String.fromCharCode(code)) });
const step = fc.oneof(
  fc.record({ what: fc.constant('set' as const), key, value }),
  fc.record({ what: fc.constant('delete' as const), key }),
);

it('behaves as a Map does, whatever is added, replaced and deleted', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const [packed, plain] = [new PackedMap(), new Map<string, string>()];
      for (const each of steps) {
        if (each.what === 'set') {
          packed.set(each.key, each.value);
          plain.set(each.key, each.value);
        } else expect(packed.delete(each.key)).toBe(plain.delete(each.key));
        expect([packed.size, packed.has(each.key), packed.get(each.key)]).toEqual([
          plain.size,
          plain.has(each.key),
          plain.get(each.key),
        ]);
      }
      expect([...packed]).toEqual([...plain]);
      expect([...packed.keys()]).toEqual([...plain.keys()]);
    }),
  );
});

it('tells apart keys whose bytes are the same in another encoding', () => {
  const packed = new PackedMap();
  packed.set('\u0161', 'wide');
  expect([packed.get('a\u0001'), packed.get('\u0161')]).toEqual([undefined, 'wide']);
  packed.set('a\u0001', 'narrow');
  packed.set('\ud800', 'one');
  packed.set('\ud801', 'other');
  expect([...packed.keys()]).toEqual(['\u0161', 'a\u0001', '\ud800', '\ud801']);
});

it('treats a UUID in capitals, or one without hyphens, as another key', () => {
  const id = 'c0ffee00-0000-4000-8000-00000000000a';
  const keys = [
    id,
    id.toUpperCase(),
    id.replaceAll('-', ''),
    Buffer.from(id.replaceAll('-', ''), 'hex').toString('latin1'),
  ];
  const packed = new PackedMap();
  for (const each of keys) packed.set(each, `of ${each}`);
  expect([...packed]).toEqual(keys.map((each) => [each, `of ${each}`]));
  expect(keys.map((each) => packed.get(each))).toEqual(keys.map((each) => `of ${each}`));
});

it('holds a UUID in 16 bytes', () => {
  const packed = new PackedMap();
  const before = externalBytes();
  for (let index = 0; index < 100_000; index++)
    packed.set(`${String(index).padStart(8, '0')}-0000-4000-8000-0123456789ab`, '');
  // These 16, 9 for the head, and 16 for the tables, less than three quarters of which are used.
  expect(externalBytes() - before).toBeLessThan(100_000 * (16 + 9 + 16) + 1024 * 1024);
  expect(packed.get('00099999-0000-4000-8000-0123456789ab')).toBe('');
});

it('holds very many, and values longer than a chunk', () => {
  const packed = new PackedMap();
  const long = 'x'.repeat(3 * 1024 * 1024);
  for (let index = 0; index < 20_000; index++) packed.set(String(index), index % 9000 === 7 ? long : `value ${index}`);
  for (let index = 0; index < 20_000; index += 2) packed.delete(String(index));
  for (let index = 20_000; index < 40_000; index++) packed.set(String(index), `value ${index}`);
  expect([packed.size, packed.get('9007'), packed.get('20001')]).toEqual([30_000, long, 'value 20001']);
  expect([packed.has('0'), packed.get('39999'), packed.get('40000')]).toEqual([false, 'value 39999', undefined]);
  expect([...packed.keys()].slice(0, 3)).toEqual(['1', '3', '5']);
});

it('starts over once it is empty', () => {
  const packed = new PackedMap();
  for (let index = 0; index < 3000; index++) packed.set(String(index), 'value');
  for (let index = 0; index < 3000; index++) packed.delete(String(index));
  expect([packed.size, [...packed]]).toEqual([0, []]);
  packed.set('again', 'new');
  expect([...packed]).toEqual([['again', 'new']]);
});

it('frees what is deleted, although it is never empty', () => {
  const packed = new PackedMap();
  const long = 'x'.repeat(1000);
  const before = externalBytes();
  for (let index = 0; index < 100_000; index++) {
    packed.set(String(index), long);
    packed.delete(String(index - 1000));
  }
  expect(externalBytes() - before).toBeLessThan(40 * 1024 * 1024);
  expect([packed.size, packed.get('99000'), [...packed.keys()].at(-1)]).toEqual([1000, long, '99999']);
});

it('keeps a snapshot unchanged', () => {
  const packed = new PackedMap();
  packed.set('replaced', 'old');
  packed.set('deleted', 'old');
  const copy = packed.copy();
  packed.set('replaced', 'new');
  packed.delete('deleted');
  packed.set('added', 'new');
  copy.set('of its own', 'copy');
  expect([...copy]).toEqual([
    ['replaced', 'old'],
    ['deleted', 'old'],
    ['of its own', 'copy'],
  ]);
  expect([...packed]).toEqual([
    ['replaced', 'new'],
    ['added', 'new'],
  ]);
});
