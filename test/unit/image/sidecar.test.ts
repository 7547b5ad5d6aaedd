import { describe, expect, it } from 'vitest';
import { parseSidecar } from '../../../src/image/sidecar.ts';

const parse = (value: unknown): unknown => parseSidecar(JSON.stringify(value), 'a.json');

describe('a sidecar', () => {
  it('returns the keys it has of an image, and no others', () => {
    const value = { id: 'a', name: null, size: 0, os_hidden: false, tags: ['x'], properties: { a: 'b', c: null } };
    expect(parse({ ...value, own: 1 })).toEqual(value);
    expect(parse({})).toEqual({});
    expect(parse(JSON.parse('{"properties":{"__proto__":"x"}}'))).toEqual({
      properties: Object.assign(Object.create(null), JSON.parse('{"__proto__":"x"}')),
    });
  });

  const text = [null, '', 'text'];
  const count = [null, 0, 2 ** 53 - 1];
  const noCount = [-1, 1.5, 2 ** 53, '1', true];
  const time = [null, '2026-11-23T11:52:28Z', '2026-11-23T11:52:28.123456789Z'];
  const noTime = [
    '2026-11-23 11:52:28Z',
    '2026-11-23T11:52:28',
    '2026-13-23T11:52:28Z',
    1,
    '2026-11-23T11:52:28.1234567891Z',
  ];
  it.each<readonly [key: string, valid: readonly unknown[], invalid: readonly unknown[]]>([
    ['id', [null, 'a', 'x'.repeat(255), 'ä b'], ['', 'x'.repeat(256), 'a/b', 'a\n', '\ud800', 1]],
    ...['name', 'status', 'visibility', 'disk_format', 'os_hash_algo', 'owner', 'direct_url'].map(
      (key) => [key, text, [1, false, {}, []]] as const,
    ),
    ...['size', 'virtual_size', 'min_disk', 'min_ram'].map((key) => [key, count, noCount] as const),
    ...['os_hidden', 'protected'].map((key) => [key, [null, true, false], [0, 'true', {}]] as const),
    ...['created_at', 'updated_at', 'deleted_at'].map((key) => [key, time, noTime] as const),
    ['checksum', [null, '0123456789abcdef'.repeat(2)], ['0'.repeat(31), '0'.repeat(33), 'A'.repeat(32), 1]],
    ['tags', [[], ['a', 'b']], [null, 'a', [1], { 0: 'a' }]],
    ['stores', [null, [], ['a']], ['a', [null]]],
    [
      'locations',
      [null, [], [{ url: 'x', metadata: {} }]],
      [{}, ['x'], [{ url: 'x' }], [{ url: 1, metadata: {} }], [null]],
    ],
    ['properties', [{}, { a: 'b' }, { a: null }], [null, [], { a: 1 }, { a: {} }, 'a']],
  ])('has %s of the right kind only', (key, valid, invalid) => {
    for (const value of valid) expect(parse({ [key]: value })).toEqual({ [key]: value });
    for (const value of invalid) {
      expect(() => parse({ [key]: value })).toThrow(
        expect.objectContaining({
          code: 'metadata.invalid',
          message: expect.stringMatching(`^a.json: "${key}" is not `),
        }),
      );
    }
  });

  it('must be a JSON object', () => {
    for (const value of [[], null, 'a', 1])
      expect(() => parse(value)).toThrow(expect.objectContaining({ code: 'metadata.invalid' }));
    expect(() => parseSidecar('{', 'a.json')).toThrow(expect.objectContaining({ code: 'json.invalid' }));
  });
});
