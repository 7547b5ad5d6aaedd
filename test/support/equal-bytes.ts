// Buffers are compared as bytes: item by item, as `toEqual` compares arrays, a few hundred KiB take a second.
import { expect } from 'vitest';

/** Every test file of a worker runs this module. */
const known = Symbol.for('glance-cli equal bytes');

if (!Reflect.has(globalThis, known)) {
  Reflect.set(globalThis, known, true);
  expect.addEqualityTesters([
    (a: unknown, b: unknown) => (Buffer.isBuffer(a) && Buffer.isBuffer(b) ? a.equals(b) : undefined),
  ]);
}
