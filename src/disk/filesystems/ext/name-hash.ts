/* oxlint-disable no-bitwise -- hashes are made of bits */
// Hashes of names in a directory's index.
// @see https://github.com/torvalds/linux/blob/v6.12/fs/ext4/hash.c

/** By their number in the index; three more, for names of unsigned bytes, follow. */
const hashes = ['legacy', 'half_md4', 'tea'] as const;

export interface NameHash {
  readonly kind: (typeof hashes)[number];
  readonly isUnsigned: boolean;
}

const defaultSeed = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476] as const;
/** Marks the end of a directory, so no name hashes to it. */
const endHash = 0xffff_fffe;

/**
 * The hash that an index uses; null if it is unknown.
 * @param version hash_version of the index's root
 * @param isUnsigned whether the superblock says that bytes of names are unsigned; null if it does not say
 */
export function nameHashOf(version: number, isUnsigned: boolean | null): NameHash | null {
  const kind = hashes[version % hashes.length];
  if (kind === undefined || version >= hashes.length * 2) return null;
  if (version >= hashes.length) return { kind, isUnsigned: true };
  return isUnsigned === null ? null : { kind, isUnsigned };
}

/**
 * The hash of a name, an even number below 2^32.
 * @param seed four numbers; all zero is the default
 */
export function hashName(name: Uint8Array, { kind, isUnsigned }: NameHash, seed: readonly number[]): number {
  const characters = isUnsigned ? name : new Int8Array(name);
  const start = seed.some((number) => number !== 0) ? seed : defaultSeed;
  const hash = (hashers[kind](characters, start) & ~1) >>> 0;
  return hash === endHash ? endHash - 2 : hash;
}

type Characters = Uint8Array | Int8Array;

const hashers: Readonly<Record<NameHash['kind'], (name: Characters, seed: readonly number[]) => number>> = {
  legacy: hashLegacy,
  half_md4: (name, seed) => hashPieces(name, seed, { words: 8, transform: transformHalfMd4 })[1] ?? 0,
  tea: (name, seed) => hashPieces(name, seed, { words: 4, transform: transformTea })[0] ?? 0,
};

function hashLegacy(name: Characters): number {
  let before = 0x37ab_e8f9;
  let last = 0x12a3_fe2d;
  for (const character of name) {
    let hash = (before + (last ^ Math.imul(character, 7_152_373))) >>> 0;
    if (hash >= 0x8000_0000) hash = (hash - 0x7fff_ffff) >>> 0;
    before = last;
    last = hash;
  }
  return last << 1;
}

type Transform = (state: Uint32Array, input: Uint32Array) => void;

function hashPieces(
  name: Characters,
  seed: readonly number[],
  { words, transform }: { words: number; transform: Transform },
): Uint32Array {
  const state = Uint32Array.from(seed);
  for (let at = 0; at < name.length; at += words * 4) transform(state, wordsOf(name.subarray(at), words));
  return state;
}

/** The beginning of the rest of a name, padded with its length. */
function wordsOf(rest: Characters, words: number): Uint32Array {
  const pad = (rest.length | (rest.length << 8)) * 0x1_0001;
  return Uint32Array.from({ length: words }, (_, index) => {
    let word = pad;
    for (const character of rest.subarray(index * 4, index * 4 + 4)) word = (character + (word << 8)) | 0;
    return word >>> 0;
  });
}

const rotate = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));

/** For each round: the function, the constant to add, the bits to rotate by, the order of the input. */
const rounds = [
  {
    mix: (x: number, y: number, z: number): number => z ^ (x & (y ^ z)),
    added: 0,
    shifts: [3, 7, 11, 19],
    order: [0, 1, 2, 3, 4, 5, 6, 7],
  },
  {
    mix: (x: number, y: number, z: number): number => (x & y) + ((x ^ y) & z),
    added: 0x5a82_7999,
    shifts: [3, 5, 9, 13],
    order: [1, 3, 5, 7, 0, 2, 4, 6],
  },
  {
    mix: (x: number, y: number, z: number): number => x ^ y ^ z,
    added: 0x6ed9_eba1,
    shifts: [3, 9, 11, 15],
    order: [3, 7, 2, 6, 1, 5, 0, 4],
  },
] as const;

function transformHalfMd4(state: Uint32Array, input: Uint32Array): void {
  let [a, b, c, d] = [state[0] ?? 0, state[1] ?? 0, state[2] ?? 0, state[3] ?? 0];
  for (const { mix, added, shifts, order } of rounds) {
    for (const [step, word] of order.entries()) {
      const sum = (a + mix(b, c, d) + (input[word] ?? 0) + added) | 0;
      [a, b, c, d] = [d, rotate(sum, shifts[step % 4] ?? 0), b, c];
    }
  }
  for (const [index, value] of [a, b, c, d].entries()) state[index] = (state[index] ?? 0) + value;
}

function transformTea(state: Uint32Array, input: Uint32Array): void {
  const [a, b, c, d] = [input[0] ?? 0, input[1] ?? 0, input[2] ?? 0, input[3] ?? 0];
  let [x, y] = [state[0] ?? 0, state[1] ?? 0];
  let sum = 0;
  for (let round = 0; round < 16; round++) {
    sum = (sum + 0x9e37_79b9) >>> 0;
    x = (x + (((y << 4) + a) ^ (y + sum) ^ ((y >>> 5) + b))) >>> 0;
    y = (y + (((x << 4) + c) ^ (x + sum) ^ ((x >>> 5) + d))) >>> 0;
  }
  state[0] = (state[0] ?? 0) + x;
  state[1] = (state[1] ?? 0) + y;
}
