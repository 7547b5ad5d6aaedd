// Fields of ISO 9660 and of what follows its names, each with its own value.
import { describe, expect, it } from 'vitest';
import { FlatBlocks } from '../../../../../src/disk/blocks/blocks.ts';
import { UnreadableError } from '../../../../../src/disk/blocks/reading.ts';
import { readDescriptors } from '../../../../../src/disk/filesystems/iso9660/descriptors.ts';
import {
  isDirectory,
  isDot,
  readLongDate,
  readRecord,
  readRecords,
  readShortDate,
} from '../../../../../src/disk/filesystems/iso9660/records.ts';
import { findSkipped, hasRockRidge, readRockRidge } from '../../../../../src/disk/filesystems/iso9660/rock-ridge.ts';
import { readUseFields, type UseField } from '../../../../../src/disk/filesystems/iso9660/system-use.ts';
import { driveReads } from '../../../../support/disk/drive-reads.ts';
import { type Change, patch, u16le, u32le } from '../../../../support/disk/writers.ts';

function refusal(act: () => unknown): string | null {
  try {
    act();
    return null;
  } catch (error) {
    if (error instanceof UnreadableError) return error.message;
    throw error;
  }
}

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');
const utc = (date: string): number => Date.parse(date) / 1000;

/** 2024-05-06 07:08:09, an hour and a half before UTC. */
const shortDate = Buffer.of(124, 5, 6, 7, 8, 9, 256 - 6);

describe('a record of a directory', () => {
  const record = (name: string, use = '', ...changes: readonly Change[]): Buffer => {
    const odd = name.length % 2 === 0 ? 1 : 0;
    return patch(
      Buffer.alloc(33 + name.length + odd + use.length),
      [0, Buffer.of(33 + name.length + odd + use.length)],
      [1, Buffer.of(2)],
      [2, u32le(0x01_0203)],
      [10, u32le(0x04_0506)],
      [18, shortDate],
      [32, Buffer.of(name.length)],
      [33, name],
      [33 + name.length + odd, use],
      ...changes,
    );
  };
  const sector = patch(Buffer.alloc(2048), [10, record('NAME.EXT', 'use')]);
  const read = (bytes = sector): ReturnType<typeof readRecord> => readRecord(bytes, 10, 777, 512);

  it('has its fields where the standard puts them', () => {
    const found = read();
    expect(found && { ...found, name: text(found.name), systemUse: text(found.systemUse) }).toEqual({
      offset: 777,
      length: 33 + 8 + 1 + 3,
      dataOffset: (0x01_0203 + 2) * 512,
      dataBytes: 0x04_0506,
      recorded: utc('2024-05-06T08:38:09Z'),
      flags: 0,
      isInterleaved: false,
      name: 'NAME.EXT',
      systemUse: 'use',
    });
    expect(text(read(patch(sector, [10, record('ODD', 'use')]))?.systemUse ?? Buffer.of())).toBe('use');
    expect([26, 27].map((at) => read(patch(sector, [10 + at, Buffer.of(1)]))?.isInterleaved)).toEqual([true, true]);
    expect(
      [0, 2, 0x82, 0x80]
        .map((flags) => read(patch(sector, [10 + 25, Buffer.of(flags)])))
        .map((found2) => found2 && isDirectory(found2)),
    ).toEqual([false, true, true, false]);
    const dots = ['\0', '\u0001', '\u0002', '\0\0'].map((name) => read(patch(sector, [10, record(name)])));
    expect(dots.map((dot) => dot && isDot(dot))).toEqual([true, true, false, false]);
  });

  it('ends the list if its length is zero, and is refused if it is cut off', () => {
    expect(readRecord(sector, 9, 0, 512)).toBeNull();
    expect(read(patch(sector, [10, record('ODD')]).subarray(0, 10 + 36))).not.toBeNull();
    for (const cut of [
      patch(sector, [10, record('ODD')]).subarray(0, 10 + 35),
      patch(sector, [10 + 32, Buffer.of(0)]),
      patch(sector, [10 + 32, Buffer.of(13)]),
    ])
      expect(refusal(() => read(cut))).toBe('a directory record is truncated');
    expect(refusal(() => read(patch(sector, [10 + 32, Buffer.of(12)])))).toBeNull();
  });

  it('follows another in its sector, and continues in the next', () => {
    const [one, two, three] = ['ONE', 'TWO', 'THREE'].map((name) => record(name));
    const sectors = patch(Buffer.alloc(4096), [0, one ?? ''], [36, two ?? ''], [2048, three ?? '']);
    expect(readRecords(sectors, 10_000, 2048).map(({ name, offset }) => [text(name), offset])).toEqual([
      ['ONE', 10_000],
      ['TWO', 10_036],
      ['THREE', 12_048],
    ]);
  });

  it('has possible dates only', () => {
    const dates: readonly (readonly [readonly number[], string | null])[] = [
      [[70, 1, 1, 0, 0, 0, 0], '1970-01-01T00:00:00Z'],
      [[99, 12, 31, 23, 59, 59, 4], '1999-12-31T22:59:59Z'],
      [[99, 0, 1, 0, 0, 0, 0], null],
      [[99, 13, 1, 0, 0, 0, 0], null],
      [[99, 1, 0, 0, 0, 0, 0], null],
      [[99, 1, 32, 0, 0, 0, 0], null],
      [[99, 1, 1, 24, 0, 0, 0], null],
      [[99, 1, 1, 0, 60, 0, 0], null],
      [[99, 1, 1, 0, 0, 60, 0], null],
      [[99, 1, 1, 0, 0, 0, 0x7f], '1998-12-30T16:15:00Z'],
      [[99, 1, 1, 0, 0, 0, 0x80], '1999-01-02T08:00:00Z'],
    ];
    for (const [bytes, date] of dates)
      expect([bytes, readShortDate(Uint8Array.from(bytes))]).toEqual([bytes, date === null ? null : utc(date)]);
    const long = (digits: string, zone: number): number | null =>
      readLongDate(Buffer.concat([Buffer.from(digits), Buffer.of(zone)]));
    expect(long('2024050607080999', 4)).toBe(utc('2024-05-06T06:08:09Z'));
    expect([long('20240506070x0999', 0), long('0000000000000000', 0)]).toEqual([null, null]);
  });
});

describe('fields after a name', () => {
  const field = (signature: string, ...bytes: readonly number[]): Buffer =>
    Buffer.concat([Buffer.from(signature), Buffer.of(4 + bytes.length, 1, ...bytes)]);
  const both = (value: number): number[] => [...u32le(value), 0xff, 0xff, 0xff, 0xff];
  /** @param skipped before the first field */
  const fieldsOf = (use: Uint8Array, more: Uint8Array = Buffer.of(), skipped = 0): readonly UseField[] => {
    const data = patch(Buffer.alloc(8192), [2 * 512 + 16, more]);
    const record = { systemUse: use } as Parameters<typeof readUseFields>[1][number];
    const [fields = []] = driveReads(readUseFields(new FlatBlocks(data.length), [record], skipped, 512), data);
    return fields;
  };
  const read = (...fields: readonly Buffer[]): ReturnType<typeof readRockRidge> =>
    readRockRidge(fieldsOf(Buffer.concat(fields)));

  it('follow each other until one makes no sense, and continue elsewhere', () => {
    const signatures = (use: Uint8Array, more?: Uint8Array, skipped?: number): string[] =>
      fieldsOf(use, more, skipped).map(({ signature }) => signature);
    const [one, two] = [field('AA', 1), field('BB')];
    expect(signatures(Buffer.concat([one, two]))).toEqual(['AA', 'BB']);
    expect(signatures(Buffer.concat([Buffer.from('xx'), one]), undefined, 2)).toEqual(['AA']);
    expect(signatures(Buffer.concat([one, field('ST'), two]))).toEqual(['AA']);
    expect(signatures(Buffer.concat([one, Buffer.from('CC\u0003\u0001'), two]))).toEqual(['AA']);
    expect(signatures(Buffer.concat([one, Buffer.from('CC\u0005\u0001')]))).toEqual(['AA']);
    const next = (length: number, offset = 16): Buffer => field('CE', ...both(2), ...both(offset), ...both(length));
    expect(signatures(Buffer.concat([one, next(4)]), two)).toEqual(['AA', 'BB']);
    expect(signatures(Buffer.concat([one, next(8)]), Buffer.concat([two, two]))).toEqual(['AA', 'BB', 'BB']);
    expect(signatures(Buffer.concat([one, next(3)]), two)).toEqual(['AA']);
    expect(refusal(() => signatures(next(2033)))).toBe('a continuation area extends past the end of its sector');
    expect(refusal(() => signatures(next(2032)))).toBeNull();
    expect(refusal(() => signatures(next(28), next(28)))).toBe(
      'the system use fields of a record have too many continuation areas',
    );
    // One that is too short is treated like any other field.
    expect(signatures(Buffer.concat([field('CE', 1), two]))).toEqual(['CE', 'BB']);
  });

  it('are announced by the first of them, even after those of CD-ROM XA', () => {
    const announced = Buffer.from([...Buffer.from('SP'), 7, 1, 0xbe, 0xef, 9]);
    expect(findSkipped(announced)).toBe(9);
    expect(findSkipped(Buffer.concat([Buffer.alloc(14), announced]))).toBe(9);
    expect(findSkipped(Buffer.concat([Buffer.alloc(13), announced]))).toBeNull();
    const rock = (...fields: readonly Buffer[]): boolean => hasRockRidge(fieldsOf(Buffer.concat(fields)));
    const extension = (id: string): Buffer => field('ER', id.length, 0, 0, 1, ...Buffer.from(id));
    expect([rock(field('PX')), rock(field('RR')), rock(field('NM')), rock()]).toEqual([true, true, false, false]);
    expect(['RRIP_1991A', 'IEEE_P1282', 'IEEE_1282', 'ANOTHER'].map((id) => rock(extension(id)))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });

  it('are a mode and owners, names, times and more', () => {
    const unset = {
      name: null,
      posix: null,
      mtime: null,
      target: null,
      childBlock: null,
      isRelocated: false,
      unpackedBytes: null,
    };
    expect(read()).toEqual(unset);
    const posix = field('PX', ...both(0o100644), ...both(1), ...both(1000), ...both(2000));
    expect(read(posix)).toEqual({ ...unset, posix: { mode: 0o100644, uid: 1000, gid: 2000 } });
    expect(read(field('PX', ...both(1), ...both(1), ...both(1)))).toEqual(unset);
    expect(read(field('CL', ...both(0x0102)), field('RE'))).toEqual({
      ...unset,
      childBlock: 0x0102,
      isRelocated: true,
    });
    expect(read(field('ZF', 0x70, 0x7a, 4, 15, ...both(0x0a0b)))).toEqual({ ...unset, unpackedBytes: 0x0a0b });
    expect(read(field('NM', 1, 0x61, 0x62), field('NM', 0, 0x63)).name).toBe('abc');
    expect([read(field('NM', 0)).name, read(field('NM')).name]).toEqual(['', null]);
  });

  it('have names of up to 1024 bytes, and links of up to 8192', () => {
    const piece = (signature: string, ...bytes: readonly number[]): UseField => ({
      signature,
      bytes: field(signature, ...bytes),
    });
    const named = (length: number): string | null =>
      readRockRidge(
        Array.from({ length: 8 }, (_, index) => piece('NM', 0, ...Buffer.alloc(index < 7 ? 128 : length - 896, 'n'))),
      ).name;
    expect(named(1024)).toHaveLength(1024);
    expect(refusal(() => named(1025))).toBe('a name is too long');
    // 64 components of 127 bytes with a slash between them are 8191.
    const linked = (last: number): string | null =>
      readRockRidge(
        Array.from({ length: 64 }, (_, index) => {
          const length = index < 63 ? 127 : last;
          return piece('SL', 0, 0, length, ...Buffer.alloc(length, 'l'));
        }),
      ).target;
    expect(linked(128)).toHaveLength(8192);
    expect(refusal(() => linked(129))).toBe('the target of a symbolic link is too long');
  });

  it('include the time of the last change, if it is among those present', () => {
    const other = [100, 1, 1, 0, 0, 0, 0];
    const changed = utc('2024-05-06T08:38:09Z');
    const long = [...Buffer.from('2024050607080900'), 256 - 6];
    const time = (flags: number, ...bytes: readonly number[]): number | null =>
      read(field('TF', flags, ...bytes)).mtime;
    expect(time(0x02, ...shortDate)).toBe(changed);
    expect(time(0x03, ...other, ...shortDate)).toBe(changed);
    expect(time(0x06, ...shortDate, ...other)).toBe(changed);
    expect(time(0x82, ...long)).toBe(changed);
    expect(time(0x83, ...Buffer.from('2000010100000000'), 0, ...long)).toBe(changed);
    expect([time(0x01, ...shortDate), time(0x02, ...shortDate.subarray(1)), time(0x82, ...shortDate)]).toEqual([
      null,
      null,
      null,
    ]);
    expect(read(field('TF', 0x01, ...other), field('TF', 0x02, ...shortDate)).mtime).toBe(changed);
  });

  it('include the components of a link', () => {
    const component = (flags: number, name = ''): number[] => [flags, name.length, ...Buffer.from(name)];
    const link = (...components: readonly number[][]): string | null =>
      read(field('SL', 0, ...components.flat())).target;
    expect(link(component(8), component(0, 'etc'), component(0, 'file'))).toBe('/etc/file');
    expect(link(component(4), component(2), component(0, 'a'))).toBe('.././a');
    expect(link(component(1, 'long'), component(0, 'name'), component(0, 'x'))).toBe('longname/x');
    expect(link()).toBe('');
    expect(read(field('SL', 1, ...component(0, 'a')), field('SL', 0, ...component(0, 'b'))).target).toBe('a/b');
    expect(read(field('SL')).target).toBeNull();
  });
});

describe('volume descriptors', () => {
  const wide = (label: string): Buffer => Buffer.from(label, 'utf16le').swap16();
  const primary = patch(
    Buffer.alloc(2048),
    [0, '\u0001CD001'],
    [40, 'A_LABEL OF THIRTY-TWO CHARACTERS'],
    [80, u32le(0x0102)],
    [128, u16le(2048)],
    [157, Buffer.of(1)],
    [158, u32le(0x0304)],
    [813, '2001020304050607'],
    [830, '0'.repeat(16)],
  );
  const second = patch(
    primary,
    [0, '\u0002'],
    [40, wide('a label of t'.padEnd(16, '\0'))],
    [88, '%/E'],
    [158, u32le(0x0506)],
  );
  const end = patch(Buffer.alloc(2048), [0, '\u00ffCD001']);
  const read = (...sectors: readonly Buffer[]): ReturnType<typeof readDescriptors> =>
    readDescriptors(Buffer.concat(sectors));

  it('have their fields where the standard puts them', () => {
    expect(read(primary, second, end)).toEqual({
      primary: { rootOffset: 0x0305 * 2048, blockBytes: 2048 },
      joliet: { rootOffset: 0x0507 * 2048, blockBytes: 2048 },
      label: 'a label of tHIRTY-TWO CHARACTERS',
      uuid: '2001-02-03-04-05-06-07',
      size: 0x0102 * 2048,
    });
    expect(read(patch(primary, [830, '2009080706050403']))?.uuid).toBe('2009-08-07-06-05-04-03');
    expect(read(patch(primary, [813, '200102030405060x']))?.uuid).toBeNull();
    expect(read(patch(primary, [40, ' '.repeat(32)]))?.label).toBeNull();
    expect(read(primary)?.label).toBe('A_LABEL OF THIRTY-TWO CHARACTERS');
    expect(read(primary, patch(second, [40, wide('another label   ')]))?.label).toBe('another label');
  });

  it.each(['%/@', '%/C', '%/E'])('are of Joliet if they have %s', (escape) => {
    expect(read(primary, patch(second, [88, escape]))?.joliet).not.toBeNull();
  });

  it('count up to the terminator, and only the first of each kind', () => {
    expect(read(primary, patch(second, [88, '%/F']))?.joliet).toBeNull();
    expect(read(primary, end, second)?.joliet).toBeNull();
    expect(read(primary, patch(end, [1, 'CD002']), second)?.joliet).toBeNull();
    expect(read(patch(primary, [0, '\u0003']), primary, patch(primary, [80, u32le(9)]))?.size).toBe(0x0102 * 2048);
    expect([read(second), read(), read(primary.subarray(0, 2047))]).toEqual([null, null, null]);
    expect(
      [512, 1024, 2048, 4096].map((bytes) => read(patch(primary, [128, u16le(bytes)]))?.primary.blockBytes),
    ).toEqual([512, 1024, 2048, undefined]);
  });
});
