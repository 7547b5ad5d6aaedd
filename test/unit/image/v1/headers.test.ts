import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HeaderList } from '../../../../src/http/text/headers.ts';
import type { Image } from '../../../../src/image/image.ts';
import { parseImageHeaders } from '../../../../src/image/v1/headers.ts';

function parse(pairs: readonly (readonly [string, string])[], id = '1', warnings: string[] = []): Image {
  const raw = pairs.flatMap(([name, value]) => [Buffer.from(name), Buffer.from(value)]);
  return parseImageHeaders(HeaderList.fromRaw(raw), id, (message) => warnings.push(message));
}

describe('parseImageHeaders', () => {
  it("reads the specification's example", () => {
    const image = parse([
      ['x-image-meta-name', 'Ubuntu 10.04 Plain 5GB'],
      ['x-image-meta-disk-format', 'vhd'],
      ['x-image-meta-container-format', 'ovf'],
      ['x-image-meta-size', '5368709120'],
      ['x-image-meta-checksum', 'c2e5db72bd7fd153f53ede5da5a06de3'],
      ['x-image-meta-location', 'swift://account:key/container/image.tar.gz.0'],
      ['x-image-meta-created_at', '2010-02-03 09:34:01'],
      ['x-image-meta-updated_at', '2010-02-03 09:34:01'],
      ['x-image-meta-deleted_at', ''],
      ['x-image-meta-status', 'available'],
      ['x-image-meta-is-public', 'true'],
      ['x-image-meta-owner', 'null'],
      ['x-image-meta-property-distro', 'Ubuntu 10.04 LTS'],
    ]);
    expect({ ...image, properties: { ...image.properties } }).toEqual({
      id: '1',
      name: 'Ubuntu 10.04 Plain 5GB',
      status: 'available',
      visibility: 'public',
      disk_format: 'vhd',
      container_format: 'ovf',
      size: 5_368_709_120,
      virtual_size: null,
      checksum: 'c2e5db72bd7fd153f53ede5da5a06de3',
      os_hash_algo: null,
      os_hash_value: null,
      os_hidden: null,
      min_disk: null,
      min_ram: null,
      owner: null,
      protected: null,
      tags: [],
      created_at: '2010-02-03T09:34:01Z',
      updated_at: '2010-02-03T09:34:01Z',
      deleted_at: null,
      direct_url: 'swift://account:key/container/image.tar.gz.0',
      locations: null,
      stores: null,
      properties: { distro: 'Ubuntu 10.04 LTS' },
    });
  });

  it('compares names ignoring case, and treats - like _', () => {
    for (const name of ['X-Image-Meta-Disk_format', 'x-image-meta-disk-format', 'X-IMAGE-META-DISK_FORMAT']) {
      expect(parse([[name, 'raw']]).disk_format).toBe('raw');
    }
  });

  it("treats an unknown field as a property, as Glance's image cache sends them", () => {
    const { properties } = parse([
      ['X-Image-Meta-Distro', 'a'],
      ['X-Image-Meta-Property-Arch', 'b'],
      ['X-Image-Meta-Property-__proto__', 'c'],
    ]);
    expect(Object.entries(properties)).toEqual([
      ['distro', 'a'],
      ['arch', 'b'],
      ['__proto__', 'c'],
    ]);
    expect(Object.getPrototypeOf(properties)).toBeNull();
  });

  it('keeps an owner called null from a real server, which omits unset ones', () => {
    expect(
      parse([
        ['X-Image-Meta-Is_public', 'True'],
        ['X-Image-Meta-Owner', 'null'],
      ]).owner,
    ).toBe('null');
  });

  it.each([
    ['size', '-1'],
    ['size', '1.5'],
    ['size', '0x10'],
    ['size', '1e3'],
    ['size', '9007199254740993'],
    ['min_disk', 'big'],
    ['checksum', 'abc'],
    ['id', 'other'],
  ])('refuses %s: %s', (field, value) => {
    expect(() => parse([[`X-Image-Meta-${field}`, value]])).toThrow(
      expect.objectContaining({ code: 'metadata.invalid' }),
    );
  });

  it.each(['null', 'None', '', '  '])('reads "%s" in a number as unset', (value) => {
    expect(parse([['X-Image-Meta-Virtual_size', value]]).virtual_size).toBeNull();
  });

  it('keeps what can be read if a time or a boolean is invalid', () => {
    const pairs = [
      ['X-Image-Meta-Name', 'n'],
      ['X-Image-Meta-Created_at', 'soon'],
      ['X-Image-Meta-Protected', 'maybe'],
    ] as const;
    expect(() => parse(pairs)).toThrow(
      expect.objectContaining({
        code: 'metadata.invalid',
        image: expect.objectContaining({ id: '1', name: 'n', created_at: null, protected: null }) as unknown,
        fields: [
          { key: 'protected', reason: 'is neither true nor false: "maybe"' },
          { key: 'created_at', reason: 'is not a time: "soon"' },
        ],
      }),
    );
  });

  it('reports a repeated field with different values', () => {
    expect(() =>
      parse([
        ['X-Image-Meta-Owner', 'mallory'],
        ['X-Image-Meta-Owner', 'adm'],
      ]),
    ).toThrow(expect.objectContaining({ code: 'http.bad_header' }));
    expect(
      parse([
        ['X-Image-Meta-Owner', 'adm'],
        ['x-image-meta-owner', 'adm'],
      ]).owner,
    ).toBe('adm');
  });

  it('refuses an answer without image headers', () => {
    expect(() => parse([['Content-Type', 'text/html']])).toThrow(expect.objectContaining({ code: 'metadata.invalid' }));
  });

  it('returns any text that a header can carry', () => {
    const text = fc
      .string({ unit: 'grapheme' })
      .filter((value) => !/[\0-\x1f\x7f]/.test(value) && value.trim() === value);
    fc.assert(
      fc.property(text, text, (name, value) => {
        const image = parse([
          ['X-Image-Meta-Name', name],
          ['X-Image-Meta-Property-Key', value],
        ]);
        expect(image.name ?? '').toBe(name);
        expect(image.properties['key']).toBe(value);
      }),
    );
  });
});
