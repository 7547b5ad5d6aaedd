// A set of ids in little memory: a list may have a hundred thousand, mostly UUIDs.

/** 32-bit numbers in a UUID. */
const words = 4;
const smallest = 1024;
/** Maximum share of used slots, in percent. */
const fullest = 80;

/** A set of ids that takes 16 to 40 bytes for each UUID in Glance's notation; any other id is stored as text. */
export class IdSet {
  /** A UUID in each slot, or zeros if it is free; UUIDs that belong in a used slot follow it. */
  #slots = new Uint32Array(smallest * words);
  #taken = 0;
  readonly #others = new Set<string>();
  readonly #uuid = new Uint32Array(words);
  /** Keeps anybody from sending ids that all belong in the same slot. */
  readonly #factor = 2 * Math.floor(Math.random() * 2 ** 31) + 1;

  get size(): number {
    return this.#taken + this.#others.size;
  }

  has(id: string): boolean {
    return parseUuid(id, this.#uuid) ? !isFree(this.#slots, this.#find(this.#uuid)) : this.#others.has(id);
  }

  /** @returns whether it is new */
  add(id: string): boolean {
    const { size } = this;
    if (!parseUuid(id, this.#uuid)) this.#others.add(id);
    else if (this.#put(this.#uuid) && (++this.#taken * words * 100) / this.#slots.length > fullest) this.#grow();
    return this.size > size;
  }

  #put(uuid: Uint32Array): boolean {
    const at = this.#find(uuid);
    if (!isFree(this.#slots, at)) return false;
    this.#slots.set(uuid, at);
    return true;
  }

  /** The slot where it is, or would be. */
  #find(uuid: Uint32Array): number {
    const slots = this.#slots;
    let hash = 0;
    for (const word of uuid) {
      hash = Math.imul(hash + word, this.#factor);
      // The upper bits depend on all others, and have to affect them as well.
      hash = Math.imul(hash + Math.floor(hash / 2 ** 15), this.#factor);
    }
    // There is always a free slot.
    let at = Math.floor((hash / 2 ** 32 + 0.5) * (slots.length / words)) * words;
    while (!isFree(slots, at) && !isSame(slots, at, uuid)) at = (at + words) % slots.length;
    return at;
  }

  #grow(): void {
    const old = this.#slots;
    this.#slots = new Uint32Array(old.length * 2);
    for (let at = 0; at < old.length; at += words) if (!isFree(old, at)) this.#put(old.subarray(at, at + words));
  }
}

function isFree(slots: Uint32Array, at: number): boolean {
  return (slots[at] ?? 0) === 0 && slots[at + 1] === 0 && slots[at + 2] === 0 && slots[at + 3] === 0;
}

function isSame(slots: Uint32Array, at: number, uuid: Uint32Array): boolean {
  for (let index = 0; index < words; index++) if (slots[at + index] !== uuid[index]) return false;
  return true;
}

const hyphen = 0x2d;

/** @returns whether it is a UUID, with hyphens, in lower case and not all zeros; `uuid` then holds its bits */
function parseUuid(id: string, uuid: Uint32Array): boolean {
  if (id.length !== 36) return false;
  let digits = 0;
  let word = 0;
  let isZero = true;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    if (at === 8 || at === 13 || at === 18 || at === 23) {
      if (code !== hyphen) return false;
      continue;
    }
    const digit = digitOf(code);
    if (digit < 0) return false;
    isZero &&= digit === 0;
    word = word * 16 + digit;
    if (++digits % 8 > 0) continue;
    uuid[digits / 8 - 1] = word;
    word = 0;
  }
  return !isZero;
}

/** Its value as a lower-case hexadecimal digit; −1 for any other character. */
function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x61 + 10 : -1;
}
