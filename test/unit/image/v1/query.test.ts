import { describe, expect, it } from 'vitest';
import type { Image } from '../../../../src/image/image.ts';
import type { ListQuery } from '../../../../src/image/service.ts';
import { buildV1Image } from '../../../../src/image/v1/fields.ts';
import { translateQuery } from '../../../../src/image/v1/query.ts';

const image = (fields: Record<string, string | boolean>): Image =>
  buildV1Image(
    { fields: new Map(Object.entries({ id: 'x', ...fields })), properties: new Map(), nullIsWritten: false },
    null,
  );

describe('translateQuery', () => {
  it('sends the filters that API v1 supports', () => {
    const { parameters, bareParameters } = translateQuery({
      name: 'a b',
      status: 'active',
      diskFormat: 'raw',
      containerFormat: 'bare',
      sizeMin: 1,
      sizeMax: 2,
      protected: false,
      visibility: 'all',
      properties: new Map([['os_distro', 'debian']]),
      sort: [{ key: 'size', direction: 'desc' }],
    });
    expect(Object.fromEntries(parameters)).toEqual({
      name: 'a b',
      status: 'active',
      disk_format: 'raw',
      container_format: 'bare',
      size_min: '1',
      size_max: '2',
      protected: 'false',
      is_public: 'None',
      'property-os_distro': 'debian',
      sort_key: 'size',
      sort_dir: 'desc',
    });
    expect(Object.fromEntries(bareParameters)).toEqual({ is_public: 'None', sort_key: 'size', sort_dir: 'desc' });
  });

  it('filters nothing if nothing is requested', () => {
    expect(translateQuery({}).matches).toBeNull();
    expect(translateQuery({ visibility: 'all' }).matches).toBeNull();
  });

  it('sorts by name unless told otherwise', () => {
    expect(Object.fromEntries(translateQuery({}).parameters)).toEqual({ sort_key: 'name', sort_dir: 'asc' });
  });

  it.each([
    [{ owner: 'p1' }, { owner: 'p1' }, { owner: 'p2' }],
    [{ name: 'a' }, { name: 'a' }, { name: 'A' }],
    [{ status: 'active' }, { status: 'active' }, { status: 'queued' }],
    [{ diskFormat: 'raw' }, { disk_format: 'raw' }, {}],
    [{ containerFormat: 'bare' }, { container_format: 'bare' }, { container_format: 'ovf' }],
    [{ sizeMin: 5 }, { size: '5' }, { size: '4' }],
    [{ sizeMax: 5 }, { size: '5' }, {}],
    [{ protected: true }, { protected: true }, { protected: false }],
    [{ protected: true }, {}, { protected: false }],
    [{ visibility: 'public' }, { is_public: true }, { is_public: false }],
    [{ visibility: 'private' }, { is_public: 'False' }, { is_public: 'True' }],
    [
      { createdSince: '2026-01-01T00:00:00.000Z' },
      { created_at: '2026-01-01T00:00:00' },
      { created_at: '2025-12-31T23:59:59' },
    ],
    [{ updatedSince: '2026-01-01T00:00:00.000Z' }, { updated_at: '2026-01-01T00:00:00.5' }, {}],
  ] as [ListQuery, Record<string, string | boolean>, Record<string, string | boolean>][])(
    "selects %j from the server's list",
    (query, matching, other) => {
      const { matches } = translateQuery(query);
      expect([matches?.(image(matching)), matches?.(image(other))]).toEqual([true, false]);
    },
  );

  it.each([
    { tags: ['a'] },
    { hidden: true },
    { memberStatus: 'accepted' },
    { visibility: 'shared' },
    { visibility: 'community' },
    { sort: [{ key: 'owner', direction: 'asc' }] },
    {
      sort: [
        { key: 'name', direction: 'asc' },
        { key: 'id', direction: 'asc' },
      ],
    },
  ] as ListQuery[])('refuses %j rather than ignoring it', (query) => {
    expect(() => translateQuery(query)).toThrow(expect.objectContaining({ code: 'usage.unsupported' }));
  });
});
