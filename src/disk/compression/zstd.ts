// Frames of zstd, for Node before 22.15, which has no decoder of its own. Bounded in time and memory by the expected output: fzstd
// is not, and a block of a few bytes keeps it busy for minutes. Decoders in WebAssembly start asynchronously, which readers of disks
// cannot wait for.
// @see https://www.rfc-editor.org/rfc/rfc8878
import { hasText, viewOf } from '../parsing/bytes.ts';
import { damaged } from '../blocks/reading.ts';
import { decodeBlock, type FrameState, mostOfBlock } from './zstd-block.ts';

/** Whether the bytes begin with a frame. */
export function startsFrame(bytes: Uint8Array): boolean {
  return hasText(bytes, 0, '(\u00b5/\u00fd');
}

/** Whether the bytes begin with a skippable frame. */
export function isSkippable(bytes: Uint8Array): boolean {
  const first = bytes[0] ?? 0;
  return bytes.length >= 8 && first >= 0x50 && first <= 0x5f && hasText(bytes, 1, '*M\u0018');
}

/** Bytes of a skippable frame. */
export function skippableLength(bytes: Uint8Array): number {
  return 8 + viewOf(bytes).getUint32(4, true);
}

interface FrameHeader {
  /** Bytes. */
  readonly length: number;
  readonly checksumBytes: number;
}

function readHeader(frame: Uint8Array): FrameHeader {
  const flags = frame[4] ?? 0;
  if ((flags & 8) !== 0) damaged('the reserved bit of a zstd frame header is set');
  if ((flags & 3) !== 0) damaged('a zstd frame needs a dictionary');
  const isSingle = (flags & 32) !== 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][flags >> 6] ?? 0;
  return { length: 5 + (isSingle ? 0 : 1) + sizeBytes, checksumBytes: (flags & 4) === 0 ? 0 : 4 };
}

interface Block {
  readonly type: 'raw' | 'repeated' | 'compressed';
  /** Size of the output if the block is raw or repeated. */
  readonly size: number;
  readonly isLast: boolean;
  readonly body: Uint8Array;
}

const types = ['raw', 'repeated', 'compressed'] as const;

function readBlock(frame: Uint8Array, at: number): Block {
  const head = (frame[at] ?? 0) + (frame[at + 1] ?? 0) * 256 + (frame[at + 2] ?? 0) * 65_536;
  const type = types[(head >> 1) & 3] ?? damaged('a zstd block has the reserved type');
  const size = head >> 3;
  const body = frame.subarray(at + 3, at + 3 + (type === 'repeated' ? 1 : size));
  if (size > mostOfBlock) damaged('a zstd block is larger than 128 KiB');
  if (body.length < (type === 'repeated' ? 1 : size)) damaged('a zstd frame is truncated');
  return { type, size, isLast: head % 2 === 1, body };
}

/** Length of the frame at the start of the bytes. @throws UnreadableError if it is cut off */
export function frameLength(bytes: Uint8Array): number {
  const { length, checksumBytes } = readHeader(bytes);
  for (let at = length; at + 3 <= bytes.length;) {
    const { body, isLast } = readBlock(bytes, at);
    at += 3 + body.length;
    if (isLast && at + checksumBytes <= bytes.length) return at + checksumBytes;
  }
  return damaged('a zstd frame is truncated');
}

/**
 * Unpacks one frame to the start of `output`. Its checksum is not verified.
 * @param frame all of it, and no more
 * @returns the bytes written
 * @throws UnreadableError if it is damaged or does not fit
 */
export function decodeFrame(frame: Uint8Array, output: Uint8Array): number {
  const { length, checksumBytes } = readHeader(frame);
  const state: FrameState = {
    output,
    length: 0,
    huffman: null,
    tables: [null, null, null],
    offsets: [1, 4, 8],
  };
  for (let at = length; at < frame.length - checksumBytes;) {
    const { type, size, body } = readBlock(frame, at);
    if (type === 'compressed') decodeBlock(body, state);
    else if (state.length + size > output.length) damaged('decompressed data is longer than expected');
    else if (type === 'raw') output.set(body, state.length);
    else output.fill(body[0] ?? 0, state.length, state.length + size);
    if (type !== 'compressed') state.length += size;
    at += 3 + body.length;
  }
  return state.length;
}
