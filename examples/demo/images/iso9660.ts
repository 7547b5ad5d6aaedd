// ISO 9660, level 1: a volume with one directory and one file in it. No extensions.
// @see ECMA-119, 4th edition

export interface IsoOptions {
  /** Up to 32 capital letters, digits and `_`. */
  readonly volume: string;
  /** Name of the directory: up to 8 of the same characters. */
  readonly directory: string;
  readonly file: {
    /** As the directory's, with up to 3 more after a dot. The version `;1` is added. */
    readonly name: string;
    readonly bytes: Uint8Array;
  };
}

const blockSize = 2048;
/** 3 February 2010, 09:34:01 UTC, in the two forms of the standard. */
const shortDate = [110, 2, 3, 9, 34, 1, 0];
const longDate = `2010020309340100\0`;
const noDate = `${'0'.repeat(16)}\0`;

/** Blocks by what is in them. The first 16 belong to the system that boots from the disc. */
const at = { volume: 16, end: 17, littlePaths: 18, bigPaths: 19, root: 20, directory: 21, file: 22 } as const;

/** The image. */
export function writeIso9660(options: IsoOptions): Buffer {
  const { bytes } = options.file;
  const total = at.file + Math.ceil(bytes.length / blockSize);
  const disc = Buffer.alloc(total * blockSize);
  const littlePaths = writePaths(options.directory, false);
  const place = (block: number, content: Uint8Array): void => disc.set(content, block * blockSize);
  place(at.volume, writeVolume(options.volume, total, littlePaths.length));
  place(at.end, Buffer.from('\u00ffCD001\u0001', 'latin1'));
  place(at.littlePaths, littlePaths);
  place(at.bigPaths, writePaths(options.directory, true));
  place(
    at.root,
    Buffer.concat([
      directoryRecord('\0', at.root),
      directoryRecord('\u0001', at.root),
      directoryRecord(options.directory, at.directory),
    ]),
  );
  place(
    at.directory,
    Buffer.concat([
      directoryRecord('\0', at.directory),
      directoryRecord('\u0001', at.root),
      writeRecord({ name: `${options.file.name};1`, block: at.file, length: bytes.length, flags: 0 }),
    ]),
  );
  place(at.file, bytes);
  return disc;
}

/** Primary volume descriptor. @see ECMA-119 section 8.4 */
function writeVolume(volume: string, blocks: number, pathBytes: number): Buffer {
  const descriptor = Buffer.alloc(blockSize);
  descriptor.write('\u0001CD001\u0001', 0, 'latin1');
  descriptor.fill(' ', 8, 72);
  descriptor.write(volume, 40, 32, 'latin1');
  writeBoth32(descriptor, blocks, 80);
  writeBoth16(descriptor, 1, 120); // volumes in the set
  writeBoth16(descriptor, 1, 124); // this one's number
  writeBoth16(descriptor, blockSize, 128);
  writeBoth32(descriptor, pathBytes, 132);
  descriptor.writeUInt32LE(at.littlePaths, 140);
  descriptor.writeUInt32BE(at.bigPaths, 148);
  descriptor.set(directoryRecord('\0', at.root), 156);
  descriptor.fill(' ', 190, 813);
  descriptor.write(longDate + longDate + noDate + noDate, 813, 'latin1');
  descriptor.writeUInt8(1, 881);
  return descriptor;
}

/** Path table: the root and the directory. @see ECMA-119 section 9.4 */
function writePaths(directory: string, bigEndian: boolean): Buffer {
  const record = (name: string, block: number): Buffer => {
    const bytes = Buffer.alloc(8 + Math.ceil(name.length / 2) * 2);
    bytes.writeUInt8(name.length, 0);
    if (bigEndian) bytes.writeUInt32BE(block, 2);
    else bytes.writeUInt32LE(block, 2);
    // The parent of both is the root, whose number is 1.
    if (bigEndian) bytes.writeUInt16BE(1, 6);
    else bytes.writeUInt16LE(1, 6);
    bytes.write(name, 8, 'latin1');
    return bytes;
  };
  return Buffer.concat([record('\0', at.root), record(directory, at.directory)]);
}

interface RecordFacts {
  readonly name: string;
  readonly block: number;
  readonly length: number;
  readonly flags: number;
}

function directoryRecord(name: string, block: number): Buffer {
  return writeRecord({ name, block, length: blockSize, flags: 2 });
}

/** @see ECMA-119 section 9.1 */
function writeRecord({ name, block, length, flags }: RecordFacts): Buffer {
  const record = Buffer.alloc(Math.ceil((33 + name.length) / 2) * 2);
  record.writeUInt8(record.length, 0);
  writeBoth32(record, block, 2);
  writeBoth32(record, length, 10);
  record.set(shortDate, 18);
  record.writeUInt8(flags, 25);
  writeBoth16(record, 1, 28);
  record.writeUInt8(name.length, 32);
  record.write(name, 33, 'latin1');
  return record;
}

function writeBoth16(target: Buffer, value: number, offset: number): void {
  target.writeUInt16LE(value, offset);
  target.writeUInt16BE(value, offset + 2);
}

function writeBoth32(target: Buffer, value: number, offset: number): void {
  target.writeUInt32LE(value, offset);
  target.writeUInt32BE(value, offset + 4);
}
