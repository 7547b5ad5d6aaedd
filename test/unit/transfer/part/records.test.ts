// What a killed run leaves beside a target: which of it counts, and which does not.
import { link, lstat, mkdir, readdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { nodeFileSystem } from '../../../../src/transfer/files/file-system.ts';
import { fileTarget } from '../../../../src/transfer/files/target.ts';
import type { ImageIdentity } from '../../../../src/transfer/flow/source.ts';
import { dropClaim, isLeftOver, lookAgain } from '../../../../src/transfer/part/claim.ts';
import { countKept } from '../../../../src/transfer/part/kept-part.ts';
import {
  formatRecord,
  isSameImage,
  maxRecordBytes,
  parseRecord,
  partKey,
  partPath,
} from '../../../../src/transfer/part/part-record.ts';
import { checksumPiece, type Piece, PieceLog, segmentBytes } from '../../../../src/transfer/part/pieces.ts';
import { findData } from '../../../../src/transfer/part/sparse.ts';
import { PartMemory } from '../../../../src/transfer/upload/part-memory.ts';
import { tempDir } from '../../../support/temp-dir.ts';

const md5 = { algorithm: 'md5', hex: '0'.repeat(32) } as const;
const sha512 = { algorithm: 'sha512', hex: '1'.repeat(128) } as const;
const image: ImageIdentity = {
  origin: 'https://glance.example',
  id: 'an-id',
  size: 3 * segmentBytes,
  digests: [md5],
  createdAt: '2026-01-02T03:04:05Z',
};

describe('the name of a part', () => {
  it('depends on the place, the id, and the strongest digest, or size and time if there is none', () => {
    const key = partKey({ ...image, digests: [md5, sha512] });
    expect(key).toMatch(/^[0-9a-f]{12}$/);
    expect(partKey({ ...image, digests: [sha512], size: 1, createdAt: null })).toBe(key);
    const others = [
      partKey({ ...image, digests: [sha512], id: 'another' }),
      partKey({ ...image, digests: [sha512], origin: 'https://other.example' }),
      partKey(image),
      partKey({ ...image, digests: [] }),
      partKey({ ...image, digests: [], size: null }),
      partKey({ ...image, digests: [], createdAt: null }),
    ];
    expect(new Set([key, ...others]).size).toBe(7);
    expect(partPath('/images/a.img', key)).toBe(`/images/.a.img.${key}.part`);
  });

  it.each<[string, boolean]>([
    ['.a.img.0123456789ab.part', true],
    ['.a.img.0123456789ab.part.json', true],
    ['.a.img.0123456789ab.part.json.tmp', true],
    ['.a.img.0123456789ab.part.claim', true],
    ['.a.img.0123456789ab.part.other', false],
    ['.a.img.0123456789a.part', false],
    ['.b.img.0123456789ab.part', false],
    ['a.img', false],
  ])('%s is one of a.img: %s', (name, expected) => {
    expect(isLeftOver(name, '/images/a.img')).toBe(expected);
  });
});

describe('a record', () => {
  const pieces: readonly Piece[] = [
    { start: 0, length: segmentBytes, crc: 7 },
    { start: segmentBytes + 5, length: 10, crc: 8 },
  ];
  const text = formatRecord(image, pieces);
  const read = (list: readonly Piece[], identity = image): unknown =>
    parseRecord(formatRecord(identity, list), identity);

  it('reads back as it was written, for this image alone', () => {
    expect(parseRecord(text, image)).toEqual(pieces);
    expect(parseRecord(text, { ...image, size: image.size === null ? 0 : image.size + 1 })).toBeNull();
    expect(isSameImage({ ...image, digests: [md5, sha512] }, { ...image, digests: [sha512, md5] })).toBe(true);
    expect(isSameImage(image, { ...image, digests: [] })).toBe(false);
    expect(isSameImage(image, { ...image, createdAt: null })).toBe(false);
  });

  it('does not count if anything of it is missing, changed or added', () => {
    const others = [text.slice(0, -1), text.slice(1), `${text}x`, text.replace('"schema":1', '"schema":2'), ''];
    expect(others.map((other) => parseRecord(other, image))).toEqual(others.map(() => null));
  });

  it.each<[string, readonly Piece[], boolean]>([
    ['that ends where the image does', [{ start: 3 * segmentBytes - 1, length: 1, crc: 0 }], true],
    ['that ends beyond it', [{ start: 3 * segmentBytes, length: 1, crc: 0 }], false],
    ['of nothing', [{ start: 0, length: 0, crc: 0 }], false],
    ['up to the end of a segment', [{ start: 1, length: segmentBytes - 1, crc: 0 }], true],
    ['across it', [{ start: 1, length: segmentBytes, crc: 0 }], false],
    [
      'that follows another',
      [
        { start: 0, length: 5, crc: 0 },
        { start: 5, length: 5, crc: 0 },
      ],
      true,
    ],
    [
      'that begins within another',
      [
        { start: 0, length: 5, crc: 0 },
        { start: 4, length: 5, crc: 0 },
      ],
      false,
    ],
    ['before the image', [{ start: -1, length: 5, crc: 0 }], false],
    ['of a length that is not a whole number', [{ start: 0, length: 1.5, crc: 0 }], false],
  ])('with a piece %s counts: %s', (_what, list, expected) => {
    expect(read(list) !== null).toBe(expected);
    expect(read(list)).toEqual(expected ? list : null);
  });

  it('of an image of unknown size may have pieces anywhere', () => {
    const far = [{ start: 100 * segmentBytes, length: 1, crc: 0 }];
    expect(read(far, { ...image, size: null })).toEqual(far);
  });
});

describe('pieces', () => {
  it('grow with what follows, up to the boundary of a segment', () => {
    const log = new PieceLog();
    const bytes = (text: string): Buffer => Buffer.from(text);
    log.add(10, bytes('abc'));
    log.add(segmentBytes - 2, bytes('wxyz'));
    log.add(13, bytes('de'));
    log.add(2, bytes('k'));
    expect(log.list()).toEqual([
      { start: 2, length: 1, crc: crc32('k') },
      { start: 10, length: 5, crc: crc32('abcde') },
      { start: segmentBytes - 2, length: 2, crc: crc32('wx') },
      { start: segmentBytes, length: 2, crc: crc32('yz') },
    ]);
    expect(log.extents).toEqual([
      { start: 2, end: 3 },
      { start: 10, end: 15 },
      { start: segmentBytes - 2, end: segmentBytes + 2 },
    ]);
    expect(new PieceLog(log.list()).extents).toEqual(log.extents);
  });

  it('are read again buffer by buffer, and are damaged if some of it is missing', async () => {
    const data = Buffer.from('0123456789');
    const buffer = new Uint8Array(4);
    const seen: [number, string][] = [];
    const check = async (piece: Piece): Promise<number> =>
      await checksumPiece(
        piece,
        buffer,
        (count, position) => Promise.resolve(data.subarray(0, position + count).copy(buffer, 0, position)),
        (position, bytes) => Promise.resolve(void seen.push([position, Buffer.from(bytes).toString()])),
      );
    expect(await check({ start: 1, length: 9, crc: 0 })).toBe(crc32('123456789'));
    expect(seen).toEqual([
      [1, '1234'],
      [5, '5678'],
      [9, '9'],
    ]);
    expect(await check({ start: 1, length: 10, crc: 0 })).toBe(-1);
  });

  it('of zeros are not written, in whole blocks of the file', () => {
    const block = 65_536;
    const chunk = new Uint8Array(4 * block);
    chunk[block - 11] = 1;
    chunk[3 * block - 10] = 1;
    expect(findData(chunk, 10)).toEqual([
      { start: 0, end: block - 10 },
      { start: 3 * block - 10, end: 4 * block - 10 },
    ]);
    expect(findData(chunk.subarray(0, block), 0)).toEqual([{ start: 0, end: block }]);
    expect(findData(chunk.subarray(block, 2 * block), 0)).toEqual([]);
    chunk[block] = 1;
    expect(findData(chunk, 0)).toEqual([{ start: 0, end: 3 * block }]);
  });
});

describe('what is kept of an image', () => {
  async function keep(list: readonly Piece[], size: number): Promise<{ target: string; part: string }> {
    const target = join(await tempDir(), 'a.img');
    const part = partPath(target, partKey(image));
    await writeFile(part, '');
    await truncate(part, size);
    await writeFile(`${part}.json`, formatRecord(image, list));
    return { target, part };
  }
  const list = [
    { start: 0, length: 5, crc: 0 },
    { start: 9, length: 3, crc: 0 },
  ];
  const uid = process.getuid?.() ?? null;

  it('consists of the bytes that the record vouches for, as far as the file is long enough for them', async () => {
    const { target } = await keep(list, 12);
    expect(await countKept(nodeFileSystem, target, image, uid)).toBe(8);
    expect(await countKept(nodeFileSystem, target, image, null)).toBe(8);
    const short = await keep(list, 11);
    expect(await countKept(nodeFileSystem, short.target, image, uid)).toBe(5);
  });

  it('is nothing if it belongs to another image or user, or does not exist', async () => {
    const { target } = await keep(list, 12);
    expect(await countKept(nodeFileSystem, target, { ...image, id: 'other' }, uid)).toBe(0);
    expect(await countKept(nodeFileSystem, target, image, (uid ?? 0) + 1)).toBe(0);
  });

  it('is nothing if the part has other names, is a link or a directory', async () => {
    const { target, part } = await keep(list, 12);
    await link(part, `${part}.second`);
    expect(await countKept(nodeFileSystem, target, image, uid)).toBe(0);
    const linked = join(await tempDir(), 'a.img');
    await symlink((await keep(list, 12)).part, partPath(linked, partKey(image)));
    expect(await countKept(nodeFileSystem, linked, image, uid)).toBe(0);
    const folder = join(await tempDir(), 'a.img');
    await mkdir(partPath(folder, partKey(image)));
    expect(await countKept(nodeFileSystem, folder, image, uid)).toBe(0);
  });

  it('is nothing if the record is invalid, or longer than any can be', async () => {
    const { target, part } = await keep(list, 12);
    await truncate(`${part}.json`, maxRecordBytes + 1);
    expect(await countKept(nodeFileSystem, target, image, uid)).toBe(0);
    await writeFile(`${part}.json`, 'x');
    expect(await countKept(nodeFileSystem, target, image, uid)).toBe(0);
  });
});

describe('the name of a target', () => {
  it('is looked at again under its lock', async () => {
    const path = join(await tempDir(), 'a.img');
    expect(await lookAgain(nodeFileSystem, fileTarget(path))).toEqual(fileTarget(path));
    await writeFile(path, 'four', { mode: 0o640 });
    expect(await lookAgain(nodeFileSystem, fileTarget(path))).toEqual({
      kind: 'file',
      path,
      existingSize: 4,
      existingMode: 0o640,
    });
    const folder = join(await tempDir(), 'folder');
    await mkdir(folder);
    await expect(lookAgain(nodeFileSystem, fileTarget(folder))).rejects.toMatchObject({
      code: 'io.not_regular',
      message: `${folder}: it is not a regular file any more`,
    });
  });

  it('is free again if a killed run had claimed it with an empty file', async () => {
    const directory = await tempDir();
    const path = join(directory, 'a.img');
    const note = join(directory, '.a.img.0123456789ab.part.claim');
    const part = join(directory, '.a.img.0123456789ab.part');
    for (const file of [path, note, part]) await writeFile(file, '');
    expect(await lookAgain(nodeFileSystem, fileTarget(path))).toEqual(fileTarget(path));
    expect(await readdir(directory)).toEqual(['.a.img.0123456789ab.part']);
  });

  it('is not free if an empty file is somebody else’s, or a claim was filled', async () => {
    const directory = await tempDir();
    const path = join(directory, 'a.img');
    await writeFile(path, '');
    expect(await dropClaim(nodeFileSystem, path)).toBe(false);
    expect(await lookAgain(nodeFileSystem, fileTarget(path))).toMatchObject({ existingSize: 0 });
    await writeFile(path, 'x');
    await writeFile(join(directory, '.a.img.0123456789ab.part.claim'), '');
    expect(await dropClaim(nodeFileSystem, path)).toBe(false);
    expect([await readdir(directory), (await lstat(path)).size]).toEqual([['a.img'], 1]);
  });
});

describe('the memory of parts', () => {
  it('is reused, shared in turn, and never exceeds its limit', async () => {
    const memory = new PartMemory(100);
    const first = await memory.acquire(60);
    const second = await memory.acquire(40);
    const given: string[] = [];
    const third = memory.acquire(60).then((buffer) => {
      given.push('third');
      return buffer;
    });
    const fourth = memory.acquire(40).then((buffer) => {
      given.push('fourth');
      return buffer;
    });
    memory.release(second);
    await Promise.resolve();
    // The one that has waited longer is not overtaken, though there is room for the other.
    expect(given).toEqual([]);
    memory.release(first);
    expect([await third, await fourth]).toEqual([first, second]);
    expect(given).toEqual(['third', 'fourth']);
    memory.release(first);
    memory.release(second);
    // Buffers of other sizes make room.
    expect(await memory.acquire(100)).toHaveLength(100);
  });

  it('gives one buffer of any size', async () => {
    expect(await new PartMemory(10).acquire(11)).toHaveLength(11);
  });
});
