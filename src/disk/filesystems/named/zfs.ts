// Members of a ZFS pool, named by the list of names and values in their first label.
// @see http://www.giis.co.in/Zfs_ondiskformat.pdf
import { exactText, hasText, viewOf } from '../../parsing/bytes.ts';
import type { VolumeFacts } from '../guest-files.ts';
import { factsOf } from './superblocks.ts';

const listOffset = 16 * 1024;
const listEnd = 128 * 1024;
/** XDR, from a machine of either byte order; version 0, unique names. */
const listStarts = ['\u0001\u0001\0\0\0\0\0\0\0\0\0\u0001', '\u0001\0\0\0\0\0\0\0\0\0\0\u0001'];
const headBytes = 12;
const types = { uint64: 8, string: 9 } as const;
const mostTextBytes = 256;

/** Null if there is no list that names a pool. */
export function nameZfs(front: Uint8Array): VolumeFacts | null {
  if (!listStarts.some((start) => hasText(front, listOffset, start))) return null;
  const list = front.subarray(listOffset + headBytes, listEnd);
  const pairs = readPairs(list);
  const guid = pairs.get('pool_guid');
  if (guid === undefined) return null;
  return factsOf('zfs_member', { uuid: guid, label: pairs.get('name') ?? null });
}

/** Names and values, which are texts or numbers. Each pair begins with its length; length 0 ends the list. */
function readPairs(list: Uint8Array): ReadonlyMap<string, string> {
  const view = viewOf(list);
  const pairs = new Map<string, string>();
  for (let at = 0; at + 12 <= list.length;) {
    const length = view.getUint32(at);
    if (length < 20 || at + length > list.length) break;
    const pair = list.subarray(at, at + length);
    const name = readText(pair, 8);
    const value = name === null ? null : readValue(pair, name.end);
    if (name !== null && value !== null) pairs.set(name.text, value);
    at += length;
  }
  return pairs;
}

function readText(pair: Uint8Array, at: number): { readonly text: string; readonly end: number } | null {
  if (at + 4 > pair.length) return null;
  const length = viewOf(pair).getUint32(at);
  if (length > mostTextBytes || at + 4 + length > pair.length) return null;
  const text = exactText(pair.subarray(at + 4, at + 4 + length));
  return { text, end: at + 4 + Math.ceil(length / 4) * 4 };
}

/** A value is preceded by its type and number of elements. */
function readValue(pair: Uint8Array, at: number): string | null {
  if (at + 16 > pair.length) return null;
  const view = viewOf(pair);
  const type = view.getUint32(at);
  if (type === types.uint64) return String(view.getBigUint64(at + 8));
  return type === types.string ? (readText(pair, at + 8)?.text ?? null) : null;
}
