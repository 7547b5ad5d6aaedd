// The bytes of a part file on a disk that accepts few at a time, fails, or loses some.
import { describe, expect, it } from 'vitest';
import { crc32 } from 'node:zlib';
import type { FileStatus, HostFileSystem, OpenFile } from '../../../../src/transfer/files/file-system.ts';
import { PartData } from '../../../../src/transfer/part/part-data.ts';
import type { Piece } from '../../../../src/transfer/part/pieces.ts';

const KiB = 1024;

/** A file in memory that accepts at most so many bytes per write, and remembers what else was done to it. */
class Disk implements OpenFile {
  bytes: Buffer;
  readonly done: string[] = [];
  readonly #most: number;
  failure: string | null = null;

  constructor(bytes = Buffer.alloc(0), most = Infinity) {
    this.bytes = bytes;
    this.#most = most;
  }

  async read(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    this.#fail();
    const found = this.bytes.subarray(position, position + length);
    buffer.set(found, offset);
    return found.length;
  }

  async write(buffer: Uint8Array, offset: number, length: number, position: number): Promise<number> {
    this.#fail();
    const count = Math.min(length, this.#most);
    const room = Buffer.alloc(Math.max(this.bytes.length, position + count));
    this.bytes.copy(room);
    room.set(buffer.subarray(offset, offset + count), position);
    this.bytes = room;
    this.done.push(`write ${String(position)} ${String(count)}`);
    return count;
  }

  async truncate(length: number): Promise<void> {
    this.#fail();
    this.done.push(`truncate ${String(length)}`);
    this.bytes = Buffer.concat([this.bytes, Buffer.alloc(Math.max(0, length - this.bytes.length))]).subarray(0, length);
  }

  async sync(): Promise<void> {
    this.done.push('sync');
  }

  async datasync(): Promise<void> {
    this.done.push('datasync');
  }

  async chmod(mode: number): Promise<void> {
    this.done.push(`chmod ${mode.toString(8)}`);
  }

  async stat(): Promise<FileStatus> {
    return { size: this.bytes.length } as FileStatus;
  }

  async close(): Promise<void> {
    this.done.push('close');
  }

  #fail(): void {
    if (this.failure !== null) throw Object.assign(new Error(this.failure), { code: this.failure });
  }
}

const partOf = (disk: Disk, pieces: readonly Piece[] = [], sparse = false): PartData =>
  new PartData(disk, pieces, { path: '/d/.a.part', target: '/d/a', sparse });
const pieceOf = (bytes: Buffer, start: number, length: number): Piece => ({
  start,
  length,
  crc: crc32(bytes.subarray(start, start + length)),
});

describe('bytes', () => {
  it('are all written, however few the disk accepts at a time', async () => {
    const disk = new Disk(Buffer.alloc(0), 3);
    const part = partOf(disk);
    await part.write(2, Buffer.from('abcdefgh'));
    expect(disk.bytes.toString()).toBe('\0\0abcdefgh');
    expect(disk.done).toEqual(['write 2 3', 'write 5 3', 'write 8 2']);
    expect([part.extents, part.end]).toEqual([[{ start: 2, end: 10 }], 10]);
    expect(part.pieces()).toEqual([pieceOf(disk.bytes, 2, 8)]);
    part.forget();
    expect([part.extents, part.end, part.pieces()]).toEqual([[], 0, []]);
  });

  it('that fail name the target when they are written, and the part when they are read', async () => {
    const disk = new Disk();
    const part = partOf(disk);
    disk.failure = 'ENOSPC';
    await expect(part.write(0, Buffer.from('a'))).rejects.toThrow('/d/a: ');
    await expect(part.cut(0)).rejects.toThrow('/d/a: ');
    await expect(part.read(Buffer.alloc(1), 1, 0)).rejects.toThrow('/d/.a.part: ');
    expect(part.extents).toEqual([]);
  });

  it('of zero are left out after what may be on disk, and only there', async () => {
    const [zeros, old] = [Buffer.alloc(64 * KiB), Buffer.alloc(64 * KiB, 'x')];
    const disk = new Disk(Buffer.from(old));
    const part = partOf(disk, [pieceOf(old, 0, old.length)], true);
    part.forget();
    await part.write(0, zeros);
    expect(disk.done).toEqual([`write 0 ${String(64 * KiB)}`]);
    await part.write(64 * KiB, zeros);
    expect(disk.done).toHaveLength(1);
    await part.write(128 * KiB, Buffer.concat([zeros, old]));
    expect(disk.done.slice(1)).toEqual([`write ${String(192 * KiB)} ${String(64 * KiB)}`]);
    await part.cut(0);
    await part.write(0, zeros);
    expect(disk.done.slice(2)).toEqual(['truncate 0']);
    const full = partOf(disk);
    await full.write(0, zeros);
    expect(disk.done.slice(3)).toEqual([`write 0 ${String(64 * KiB)}`]);
  });

  it('that an earlier run left count only where they are unchanged', async () => {
    const bytes = Buffer.from('0123456789');
    const good = [pieceOf(bytes, 0, 3), pieceOf(bytes, 4, 6)];
    const seen: [number, string][] = [];
    const check = (part: PartData): Promise<boolean> =>
      part.check(Buffer.alloc(4), async (position, read) => void seen.push([position, Buffer.from(read).toString()]));
    const sound = partOf(new Disk(bytes), good);
    expect([await check(sound), sound.pieces()]).toEqual([true, good]);
    expect(seen).toEqual([
      [0, '012'],
      [4, '4567'],
      [8, '89'],
    ]);
    const damaged = partOf(new Disk(Buffer.from('01x3456789')), good);
    expect([await check(damaged), damaged.pieces()]).toEqual([false, good.slice(1)]);
    const short = partOf(new Disk(bytes.subarray(0, 9)), good);
    expect([await check(short), short.extents]).toEqual([false, [{ start: 0, end: 3 }]]);
  });
});

it.each([
  ['nothing', [], [], null],
  ['what is there', [[0, 44 * KiB]], [], 0],
  ['256 KiB exactly', [[0, 256 * KiB]], [], 0],
  [
    'only the last piece',
    [
      [0, 5],
      [10, 256 * KiB],
    ],
    [[0, 5]],
    5,
  ],
  ['the end of a large piece', [[0, 300 * KiB]], [[0, 44 * KiB]], 44 * KiB],
  ['all but a byte', [[0, 256 * KiB + 1]], [[0, 1]], 1],
] as const)('on a full disk, %s is given up', async (_what, before, after, end) => {
  const bytes = Buffer.alloc(400 * KiB, 'some data');
  const piecesOf = (list: readonly (readonly [number, number])[]): Piece[] =>
    list.map(([start, length]) => pieceOf(bytes, start, length));
  const disk = new Disk(Buffer.from(bytes));
  const part = partOf(disk, piecesOf(before));
  await part.giveUpTail();
  expect(part.pieces()).toEqual(piecesOf(after));
  expect(disk.done).toEqual(end === null ? [] : [`truncate ${String(end)}`]);
});

describe('a finished file', () => {
  it('is given its length and mode, made durable and closed once', async () => {
    const disk = new Disk();
    const part = partOf(disk);
    await part.write(0, Buffer.from('abcd'));
    await part.finish(4, 0o640);
    await part.close();
    expect(disk.done).toEqual(['write 0 4', 'truncate 4', 'sync', 'chmod 640', 'close']);
  });

  it.each([
    ['everything is written', false, 10, 9, 10],
    ['zeros may be left out', true, 10, 3, 4],
  ])('is refused if it lacks bytes, where %s', async (_how, sparse, size, there, written) => {
    const disk = new Disk();
    const part = partOf(disk, [], sparse);
    await part.write(0, Buffer.from('abcd'));
    disk.bytes = Buffer.alloc(there);
    await expect(part.finish(size, 0o600)).rejects.toMatchObject({
      code: 'io.error',
      expected: written,
      actual: there,
    });
    expect(disk.done).toEqual(['write 0 4']);
    disk.bytes = Buffer.alloc(written);
    await part.finish(size, 0o600);
    expect(disk.bytes).toHaveLength(size);
  });

  it('may be shorter than what was written and then cut off', async () => {
    const disk = new Disk();
    const part = partOf(disk, [], true);
    await part.write(0, Buffer.from('abcd'));
    await part.cut(2);
    await part.finish(2, 0o600);
    expect(disk.bytes.toString()).toBe('ab');
  });
});

it('is opened again only if it is closed', async () => {
  const [disk, again] = [new Disk(), new Disk(Buffer.from('again'))];
  const opened: string[] = [];
  const fileSystem = {
    open: async (path: string) => {
      opened.push(path);
      return again;
    },
  } as unknown as HostFileSystem;
  const part = partOf(disk);
  await part.reopen(fileSystem);
  await part.sync();
  expect([opened, disk.done]).toEqual([[], ['datasync']]);
  await part.close();
  await part.reopen(fileSystem);
  await part.reopen(fileSystem);
  const buffer = Buffer.alloc(5);
  expect([await part.read(buffer, 5, 0), buffer.toString()]).toEqual([5, 'again']);
  await part.close();
  expect([opened, again.done]).toEqual([['/d/.a.part'], ['close']]);
});
