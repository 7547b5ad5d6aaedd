// Unpacks what lzop compresses at each of its levels.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { unlzo } from '../../src/disk/compression/lzo.ts';
import { tellingBytes } from '../support/disk/patterns.ts';
import { hasTools } from '../support/disk/tools.ts';

/** Of the flags in its header: which checksums each block has. */
const checksumsOfData = [0x1, 0x100];
const checksumsOfCompressed = [0x2, 0x200];

/** What is in a file of lzop without a name. @see lzop's src/lzop.c */
function unpack(file: Buffer): Buffer {
  const flags = file.readUInt32BE(17);
  const has = (flag: number): boolean => Math.floor(flags / flag) % 2 === 1;
  const pieces: Buffer[] = [];
  for (let at = 38 + file.readUInt8(33); file.readUInt32BE(at) > 0;) {
    const [size, stored] = [file.readUInt32BE(at), file.readUInt32BE(at + 4)];
    at += 8 + 4 * checksumsOfData.filter(has).length;
    if (stored < size) at += 4 * checksumsOfCompressed.filter(has).length;
    const output = Buffer.alloc(size);
    const bytes = file.subarray(at, at + stored);
    expect(stored < size ? unlzo(bytes, output) : bytes.copy(output)).toBe(size);
    pieces.push(output);
    at += stored;
  }
  return Buffer.concat(pieces);
}

const contents: readonly (readonly [name: string, bytes: Buffer])[] = [
  ['zeros', Buffer.alloc(1_000_000)],
  ['lines', Buffer.from(Array.from({ length: 30_000 }, (_, index) => `line ${String(index)}\n`).join(''))],
  [
    'what is far apart',
    Buffer.concat(Array.from({ length: 9 }, (_, index) => Buffer.from(tellingBytes(5000 * index)))),
  ],
  ['what is short', Buffer.from('abcabcabcabcabc')],
];

describe.skipIf(!hasTools('lzop'))('a file of lzop', () => {
  it.each(contents)('has %s in it', (_name, bytes) => {
    for (const level of ['-1', '-3', '-7', '-9']) {
      const file = execFileSync('lzop', [level, '-c'], { input: bytes, maxBuffer: 16 * 1024 * 1024 });
      expect([level, unpack(file).equals(bytes)]).toEqual([level, true]);
    }
  });
});
