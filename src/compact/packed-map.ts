// A map of short texts in little memory: a plan may cover a hundred thousand images, and what is known of each is read
// once or twice. In place of a Map, it saves 15 MiB of a plan of a bucket and 40 MiB of one for a queue.

const chunkBytes = 1024 * 1024;
/** Before each entry: the length of its key in bytes, how that is encoded, and the length of its value. */
const headBytes = 9;
/** How a key may be encoded: `hex` is a UUID in Glance's notation, in its 16 bytes. */
const encodings = ['latin1', 'utf16le', 'hex'] as const;
const uuid = /^[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}$/;
const smallest = 1024;
/** Maximum share of used slots, in percent. */
const fullest = 80;
/** Start of an entry that was deleted. */
const gone = -1;

interface Entry {
  readonly key: string;
  readonly value: string;
}

interface Key {
  readonly bytes: Buffer;
  /** Its place in {@link encodings}. */
  readonly encoding: number;
  readonly hash: number;
}

/**
 * Behaves like a Map, at about 30 bytes beyond the texts for each entry, none of which the garbage collector has to
 * visit; a UUID takes 16. Keys are any texts, values texts of Latin-1 characters. The bytes of deleted entries are freed
 * when room is made for new ones, those of replaced entries once any are deleted.
 */
export class PackedMap {
  /** 1 + the number of the entry in each slot, or zero if it is free; entries that belong in a used slot follow it. */
  #slots = new Uint32Array(smallest);
  /** Where each entry starts, by number: its chunk × {@link chunkBytes} + its place there. */
  #starts = new Float64Array(smallest);
  /** A larger entry has a chunk of its own. */
  #chunks: Buffer[] = [];
  #free = chunkBytes;
  /** Entries ever added, including those deleted. */
  #added = 0;
  #size = 0;
  /** Keeps anybody from sending keys that all belong in the same slot. */
  #factor = 2 * Math.floor(Math.random() * 2 ** 31) + 1;

  get size(): number {
    return this.#size;
  }

  has(key: string): boolean {
    return this.#find(this.#encode(key)) !== null;
  }

  get(key: string): string | undefined {
    const entry = this.#find(this.#encode(key));
    return entry === null ? undefined : this.#read(entry).value;
  }

  set(key: string, value: string): void {
    const encoded = this.#encode(key);
    const entry = this.#find(encoded) ?? this.#add(encoded.hash);
    this.#starts[entry] = this.#write(encoded, value);
  }

  /** @returns whether it was there */
  delete(key: string): boolean {
    const entry = this.#find(this.#encode(key));
    if (entry === null) return false;
    this.#starts[entry] = gone;
    this.#size--;
    if (this.#size === 0) this.#clear();
    return true;
  }

  /** In the order in which they were added. */
  *keys(): Generator<string, void, undefined> {
    for (const [key] of this) yield key;
  }

  /** In the order in which they were added. None may be added meanwhile. */
  *[Symbol.iterator](): Generator<[string, string], void, undefined> {
    for (let entry = 0; entry < this.#added; entry++) {
      if (this.#starts[entry] === gone) continue;
      const { key, value } = this.#read(entry);
      yield [key, value];
    }
  }

  /** A snapshot that later changes do not affect. */
  copy(): PackedMap {
    const copy = new PackedMap();
    copy.#factor = this.#factor;
    copy.#slots = this.#slots.slice();
    copy.#starts = this.#starts.slice();
    // Entries are never overwritten, and each map continues in a chunk of its own.
    copy.#chunks = [...this.#chunks];
    copy.#added = this.#added;
    copy.#size = this.#size;
    return copy;
  }

  /** The entry under this key; null if there is none. */
  #find(key: Key): number | null {
    const slots = this.#slots;
    // There is always a free slot.
    for (let at = slotOf(key.hash, slots); slots[at] !== 0; at = (at + 1) % slots.length) {
      const entry = (slots[at] ?? 0) - 1;
      if (this.#isAt(entry, key)) return entry;
    }
    return null;
  }

  #isAt(entry: number, { bytes, encoding }: Key): boolean {
    const start = this.#starts[entry] ?? gone;
    if (start === gone) return false;
    const { chunk, at } = locate(this.#chunks, start);
    if (chunk.readUInt32LE(at) !== bytes.length || chunk[at + 4] !== encoding) return false;
    return chunk.compare(bytes, 0, bytes.length, at + headBytes, at + headBytes + bytes.length) === 0;
  }

  /** @returns the number of a new entry, which starts nowhere yet */
  #add(hash: number): number {
    if ((this.#added + 1) * 100 > this.#slots.length * fullest) this.#grow();
    const entry = this.#added++;
    this.#size++;
    this.#occupy(hash, entry);
    return entry;
  }

  #occupy(hash: number, entry: number): void {
    const slots = this.#slots;
    let at = slotOf(hash, slots);
    while (slots[at] !== 0) at = (at + 1) % slots.length;
    slots[at] = entry + 1;
  }

  /** Makes room for twice as many as there are. If any were deleted, the others are moved together. */
  #grow(): void {
    const chunks = this.#chunks;
    const starts = this.#starts.subarray(0, this.#added).filter((start) => start !== gone);
    const isMoved = starts.length < this.#added;
    if (isMoved) [this.#chunks, this.#free] = [[], chunkBytes];
    let length = smallest;
    while (starts.length * 2 * 100 > length * fullest) length *= 2;
    this.#starts = new Float64Array(length);
    this.#slots = new Uint32Array(length);
    this.#added = starts.length;
    for (const [entry, start] of starts.entries()) {
      const { key, value } = readAt(chunks, start);
      const encoded = this.#encode(key);
      this.#starts[entry] = isMoved ? this.#write(encoded, value) : start;
      this.#occupy(encoded.hash, entry);
    }
  }

  /** @returns where it starts */
  #write({ bytes, encoding }: Key, value: string): number {
    const length = headBytes + bytes.length + value.length;
    if (this.#free + length > chunkBytes) {
      // Not from Node's pool, a slice of which would keep all of it alive.
      this.#chunks.push(Buffer.allocUnsafeSlow(Math.max(length, chunkBytes)));
      this.#free = 0;
    }
    const [number, at] = [this.#chunks.length - 1, this.#free];
    const { chunk } = locate(this.#chunks, number * chunkBytes);
    chunk.writeUInt32LE(bytes.length, at);
    chunk[at + 4] = encoding;
    chunk.writeUInt32LE(value.length, at + 5);
    bytes.copy(chunk, at + headBytes);
    chunk.write(value, at + headBytes + bytes.length, 'latin1');
    this.#free += length;
    return number * chunkBytes + at;
  }

  #read(entry: number): Entry {
    return readAt(this.#chunks, this.#starts[entry] ?? 0);
  }

  #encode(key: string): Key {
    let hash = 0;
    let isWide = false;
    for (let at = 0; at < key.length; at++) {
      const code = key.charCodeAt(at);
      isWide ||= code > 0xff;
      hash = Math.imul(hash + code, this.#factor);
      // The upper bits depend on all others, and have to affect them as well.
      hash = Math.imul(hash + Math.floor(hash / 2 ** 15), this.#factor);
    }
    const name = isWide ? 'utf16le' : uuid.test(key) ? 'hex' : 'latin1';
    const bytes = Buffer.from(name === 'hex' ? key.replaceAll('-', '') : key, name);
    return { bytes, encoding: encodings.indexOf(name), hash };
  }

  #clear(): void {
    this.#slots = new Uint32Array(smallest);
    this.#starts = new Float64Array(smallest);
    this.#chunks = [];
    this.#free = chunkBytes;
    this.#added = 0;
  }
}

function readAt(chunks: readonly Buffer[], start: number): Entry {
  const { chunk, at } = locate(chunks, start);
  const keyAt = at + headBytes;
  const valueAt = keyAt + chunk.readUInt32LE(at);
  const name = encodings[chunk[at + 4] ?? 0];
  const key = chunk.toString(name, keyAt, valueAt);
  return {
    key: name === 'hex' ? toUuid(key) : key,
    value: chunk.toString('latin1', valueAt, valueAt + chunk.readUInt32LE(at + 5)),
  };
}

function toUuid(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function locate(chunks: readonly Buffer[], start: number): { readonly chunk: Buffer; readonly at: number } {
  const at = start % chunkBytes;
  const chunk = chunks[(start - at) / chunkBytes];
  if (chunk === undefined) throw new RangeError('an entry starts outside of the map');
  return { chunk, at };
}

/** @param hash a signed number of 32 bits, whose upper bits choose the slot */
function slotOf(hash: number, slots: Uint32Array): number {
  return Math.floor((hash / 2 ** 32 + 0.5) * slots.length);
}
