// A package's header in rpm: an index of tags, and the data it points into.
// @see https://rpm-software-management.github.io/rpm/manual/format_header.html
import { damaged } from '../../blocks/reading.ts';
import { viewOf } from '../../parsing/bytes.ts';
import { type InstalledPackage, licenceOf, wordOf } from '../installed-package.ts';

const indexEntryBytes = 16;
/** The same limit as in rpm. */
const mostTags = 65_535;

/** @see https://rpm-software-management.github.io/rpm/manual/tags.html */
const tags = {
  name: 1000,
  version: 1001,
  release: 1002,
  epoch: 1003,
  licence: 1014,
  arch: 1022,
  sourceRpm: 1044,
} as const;
const wanted: ReadonlySet<number> = new Set(Object.values(tags));
const stringType = 6;
const int32Type = 4;

/** Parses a header. @param bytes all of it, without the magic before it. @throws UnreadableError */
export function parseHeader(bytes: Uint8Array): InstalledPackage {
  const header = new Header(bytes);
  const name = wordOf(header.text(tags.name)) ?? damaged('a package has no name');
  const version = wordOf(header.text(tags.version)) ?? damaged('a package has no version');
  const release = wordOf(header.text(tags.release));
  const epoch = header.number(tags.epoch);
  const whole = release === null ? version : `${version}-${release}`;
  return {
    manager: 'rpm',
    name,
    version: epoch === null ? whole : `${String(epoch)}:${whole}`,
    epoch,
    release,
    architecture: wordOf(header.text(tags.arch)),
    source: sourceOf(wordOf(header.text(tags.sourceRpm))),
    licence: licenceOf(header.text(tags.licence)),
  };
}

class Header {
  readonly #view: DataView;
  readonly #data: Uint8Array;
  /** Positions of the wanted tags in the index. */
  readonly #entries = new Map<number, number>();

  constructor(bytes: Uint8Array) {
    this.#view = viewOf(bytes);
    if (bytes.length < 8) damaged('the header of a package is truncated');
    const count = this.#view.getUint32(0);
    const start = 8 + count * indexEntryBytes;
    if (count > mostTags || start + this.#view.getUint32(4) > bytes.length)
      damaged('the header of a package is longer than its data');
    this.#data = bytes.subarray(start, start + this.#view.getUint32(4));
    for (let at = 8; at < start; at += indexEntryBytes) {
      const tag = this.#view.getUint32(at);
      if (wanted.has(tag) && !this.#entries.has(tag)) this.#entries.set(tag, at);
    }
  }

  /** Undefined if there is no such tag. */
  text(tag: number): string | undefined {
    const offset = this.#find(tag, stringType);
    if (offset === null) return undefined;
    const end = this.#data.indexOf(0, offset);
    if (end < 0) damaged('a string in the header of a package is not terminated');
    return new TextDecoder().decode(this.#data.subarray(offset, end));
  }

  number(tag: number): number | null {
    const offset = this.#find(tag, int32Type);
    if (offset === null) return null;
    return offset + 4 > this.#data.length
      ? damaged('a tag lies outside the header of its package')
      : viewOf(this.#data).getUint32(offset);
  }

  /** Where the data begins; null if there is no such tag. */
  #find(tag: number, type: number): number | null {
    const at = this.#entries.get(tag);
    if (at === undefined) return null;
    const offset = this.#view.getUint32(at + 8);
    if (this.#view.getUint32(at + 4) !== type || offset >= this.#data.length)
      damaged('a tag of a package has the wrong type or lies outside the header');
    return offset;
  }
}

/** Parses `NAME-VERSION-RELEASE.src.rpm`; null for anything else, such as `(none)`. */
function sourceOf(file: string | null): InstalledPackage['source'] {
  const end = file?.match(/\.(?:no)?src\.rpm$/)?.index;
  if (file === null || end === undefined) return null;
  const whole = file.slice(0, end);
  const release = whole.lastIndexOf('-');
  const version = whole.lastIndexOf('-', release - 1);
  return version <= 0
    ? { name: whole, version: null }
    : { name: whole.slice(0, version), version: whole.slice(version + 1) };
}
