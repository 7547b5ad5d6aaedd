// Everything that a storm chooses, reproducible by its seed.
import { createHash } from 'node:crypto';

let state = 0;

/** @param {number} seed */
export function seedRandom(seed) {
  state = seed;
}

/** An integer in [0, below). @param {number} below */
export function random(below) {
  state = (state * 1103515245 + 12345) % 2147483648;
  return Math.floor((state / 2147483648) * below);
}

/** @template T @param {readonly T[]} list not empty @returns {T} one of its elements */
export function pick(list) {
  const [picked] = list.slice(random(list.length));
  if (picked === undefined) throw new RangeError('there is nothing to pick');
  return picked;
}

/** @param {number} length in bytes */
export const noise = (length) =>
  createHash('shake256', { outputLength: length })
    .update(String(random(2 ** 30)))
    .digest();
