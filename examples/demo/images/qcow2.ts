// qcow2 version 3: what qemu itself writes, without compression, encryption or snapshots.
// @see qemu, docs/interop/qcow2.txt
import { type DiskContent, splitBlocks } from './content.ts';

export interface Qcow2Options {
  /** 9–21. Default 16: clusters of 64 KiB. */
  readonly clusterBits?: number;
  /** Name of the backing file, 1–1023 bytes. It is only recorded, and never opened. */
  readonly backingFile?: string;
  /** Format of the backing file, such as `raw`. */
  readonly backingFormat?: string;
}

const headerLength = 104;
const backingFormatExtension = 0xe2792aca;
/** Set in L1 and L2 entries: the cluster is used once and may be written in place. */
const copied = 0x8000_0000_0000_0000n;
/** Bytes of a reference count, for the refcount order 4 of the header. */
const refcountBytes = 2;
const entryBytes = 8;

/** Number of clusters of each part of the file, in the order in which they lie there after the header. */
interface Layout {
  readonly refcountTable: number;
  readonly refcountBlocks: number;
  readonly l1: number;
  readonly l2: number;
  readonly data: number;
}

/**
 * The image. Clusters without a piece of content are not in it; they read as zeros, or as the backing file.
 * @throws RangeError if a piece leaves the disk or the header does not fit in its cluster
 */
export function writeQcow2(content: DiskContent, options: Qcow2Options = {}): Buffer {
  const clusterBits = options.clusterBits ?? 16;
  const cluster = 2 ** clusterBits;
  const blocks = splitBlocks(content, cluster);
  const perL2 = cluster / entryBytes;
  const l2Count = Math.ceil(Math.ceil(content.size / cluster) / perL2);
  const l2Used = [...new Set([...blocks.keys()].map((block) => Math.floor(block / perL2)))];
  const layout = planLayout(cluster, {
    l1: Math.max(1, Math.ceil((l2Count * entryBytes) / cluster)),
    l2: l2Used.length,
    data: blocks.size,
  });
  const l1Offset = (1 + layout.refcountTable + layout.refcountBlocks) * cluster;
  const l2Offset = l1Offset + layout.l1 * cluster;
  const dataOffset = l2Offset + layout.l2 * cluster;
  const file = Buffer.alloc(dataOffset + layout.data * cluster);

  writeHeader(file, { clusterBits, size: content.size, l2Count, l1Offset, layout }, options);
  writeRefcounts(file, cluster, layout);
  for (const [index, table] of l2Used.entries()) {
    writeEntry(file, l1Offset + table * entryBytes, copied + BigInt(l2Offset + index * cluster));
  }
  let next = dataOffset;
  for (const [block, bytes] of blocks) {
    const table = l2Offset + l2Used.indexOf(Math.floor(block / perL2)) * cluster;
    writeEntry(file, table + (block % perL2) * entryBytes, copied + BigInt(next));
    file.set(bytes, next);
    next += cluster;
  }
  return file;
}

/** Reference counts cover their own clusters too: add until it comes out even. */
function planLayout(cluster: number, known: Pick<Layout, 'l1' | 'l2' | 'data'>): Layout {
  const others = 1 + known.l1 + known.l2 + known.data;
  let refcountTable = 0;
  let refcountBlocks = 0;
  for (;;) {
    const total = others + refcountTable + refcountBlocks;
    const blocks = Math.ceil((total * refcountBytes) / cluster);
    const table = Math.ceil((blocks * entryBytes) / cluster);
    if (blocks === refcountBlocks && table === refcountTable) return { ...known, refcountTable, refcountBlocks };
    refcountBlocks = blocks;
    refcountTable = table;
  }
}

interface HeaderFacts {
  readonly clusterBits: number;
  readonly size: number;
  readonly l2Count: number;
  readonly l1Offset: number;
  readonly layout: Layout;
}

function writeHeader(file: Buffer, facts: HeaderFacts, options: Qcow2Options): void {
  const cluster = 2 ** facts.clusterBits;
  const extensions = writeExtensions(options.backingFormat);
  const name = Buffer.from(options.backingFile ?? '');
  const nameOffset = headerLength + extensions.length;
  if (nameOffset + name.length > cluster)
    throw new RangeError('the backing file name does not fit in the first cluster');
  file.write('QFI\u00fb', 0, 'latin1');
  file.writeUInt32BE(3, 4);
  if (name.length > 0) {
    file.writeBigUInt64BE(BigInt(nameOffset), 8);
    file.writeUInt32BE(name.length, 16);
  }
  file.writeUInt32BE(facts.clusterBits, 20);
  file.writeBigUInt64BE(BigInt(facts.size), 24);
  file.writeUInt32BE(facts.l2Count, 36);
  file.writeBigUInt64BE(BigInt(facts.l1Offset), 40);
  file.writeBigUInt64BE(BigInt(cluster), 48);
  file.writeUInt32BE(facts.layout.refcountTable, 56);
  file.writeUInt32BE(4, 96); // refcount order: 16 bits
  file.writeUInt32BE(headerLength, 100);
  file.set(extensions, headerLength);
  file.set(name, nameOffset);
}

/** Header extensions with their end mark. */
function writeExtensions(backingFormat: string | undefined): Buffer {
  const end = Buffer.alloc(8);
  if (backingFormat === undefined) return end;
  const text = Buffer.from(backingFormat);
  const extension = Buffer.alloc(8 + Math.ceil(text.length / 8) * 8);
  extension.writeUInt32BE(backingFormatExtension, 0);
  extension.writeUInt32BE(text.length, 4);
  extension.set(text, 8);
  return Buffer.concat([extension, end]);
}

function writeRefcounts(file: Buffer, cluster: number, layout: Layout): void {
  const first = (1 + layout.refcountTable) * cluster;
  for (let block = 0; block < layout.refcountBlocks; block++) {
    writeEntry(file, cluster + block * entryBytes, BigInt(first + block * cluster));
  }
  const total = file.length / cluster;
  for (let index = 0; index < total; index++) file.writeUInt16BE(1, first + index * refcountBytes);
}

function writeEntry(file: Buffer, offset: number, value: bigint): void {
  file.writeBigUInt64BE(value, offset);
}
