// Databases of rpm of every kind, as rpm itself lists them.
import { describe, expect, it } from 'vitest';
import { collectedIn } from '../../../../support/disk/guests/guests.ts';
import { describeRpm, listedIn, rpmDatabases, rpmList } from '../../../../support/disk/guests/package-databases.ts';
import type { MemoryTree } from '../../../../support/disk/guests/memory-files.ts';

const release = { '/etc/os-release': 'ID=rocky\nVERSION_ID="9.4"\n' };
const kinds = Object.entries(rpmDatabases);

/** A file with other bytes at an offset. */
function patched(kind: string, offset: number, bytes: string): MemoryTree {
  const [[path, data] = ['', Buffer.alloc(0)], ...others] = Object.entries(rpmDatabases[kind] ?? {});
  const copy = Buffer.from(data);
  copy.set(Buffer.from(bytes, 'hex'), offset < 0 ? copy.length + offset : offset);
  return { ...release, [path]: copy, ...Object.fromEntries(others) };
}

describe('a database of rpm', () => {
  it.each(kinds)('in %s is listed as rpm lists it, and counted without', (kind, files) => {
    const hidden = kind === 'sqlite with a log' ? 'small-data' : '';
    const expected = rpmList.filter((line) => hidden === '' || !line.startsWith(hidden));
    const { installed, packages, why } = listedIn({ ...release, ...files });
    expect(installed?.map(describeRpm).toSorted()).toEqual(expected);
    expect([packages, why]).toEqual([{ manager: 'rpm', count: expected.length }, null]);
    const counted = collectedIn({ ...release, ...files });
    expect([counted.packages, counted.installed, counted.why]).toEqual([packages, null, null]);
  });

  it.each(kinds)('in %s that ends too soon is recognised, and not counted', (_kind, files) => {
    const cut = Object.fromEntries(Object.entries(files).map(([path, data]) => [path, data.subarray(0, 600)]));
    const { packages, why, installed, troubles } = listedIn({ ...release, ...cut });
    expect([packages, why, installed]).toEqual([{ manager: 'rpm', count: null }, 'damaged', null]);
    expect(troubles[0]).toMatch(/^its packages: /);
  });

  it('is read as empty', () => {
    expect(listedIn({ ...release, '/var/lib/rpm/Packages': '' })).toMatchObject({
      packages: { manager: 'rpm', count: 0 },
      installed: [],
    });
  });

  it('is not read in the middle of a change', () => {
    const files = { ...rpmDatabases['sqlite'], '/usr/lib/sysimage/rpm/rpmdb.sqlite-journal': 'x' };
    expect(listedIn({ ...release, ...files })).toMatchObject({ installed: null, why: 'unsupported' });
  });

  it('with an unfinished log is as it was before', () => {
    const files = { ...rpmDatabases['sqlite with a log'] };
    const log = '/var/lib/rpm/rpmdb.sqlite-wal';
    const cut = { ...files, [log]: files[log]?.subarray(0, -1) ?? Buffer.alloc(0) };
    expect(listedIn({ ...release, ...cut }).installed?.length).toBe(rpmList.length);
  });

  it.each([
    ['encrypted', 'berkeley', 24, '01', 'unsupported'],
    ['with checksums', 'berkeley', 26, '01', 'unsupported'],
    ['of a tree', 'berkeley', 12, '62310500', 'unsupported'],
    ['with pages of an impossible size', 'berkeley', 20, 'ff0f0000', 'damaged'],
    ['with more buckets than pages', 'berkeley', 72, 'ffffffff', 'damaged'],
    ['with all buckets on one page', 'berkeley', 96, '00000000ffffffff', 'damaged'],
    ['of another version', 'ndb', 4, '01000000', 'unsupported'],
    ['with slots without end', 'ndb', 12, 'ffffffff', 'damaged'],
    ['with two slots for the same bytes', 'ndb', 40, '0001000000010000', 'damaged'],
    ['in UTF-16', 'sqlite', 56, '00000002', 'unsupported'],
    ['with pages of zero size', 'sqlite', 16, '0000', 'damaged'],
    ['with a schema that is not a table', 'sqlite', 100, '02', 'damaged'],
  ])('%s is refused', (_what, kind, offset, bytes, why) => {
    expect(listedIn(patched(kind, offset, bytes))).toMatchObject({ installed: null, why, packages: { count: null } });
  });
});
