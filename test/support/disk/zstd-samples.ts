// The contents of the compressed files in test/fixtures/disk/zstd/: see test/disk/make-zstd-fixtures.mjs.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makePattern } from '../../../examples/demo/images/content.ts';
import { tellingBytes } from './patterns.ts';

/** Words in an order that looks random and is the same on every run. */
function wordSoup(length: number): Buffer {
  const words = ['disk ', 'image ', 'of ', 'the ', 'cluster', '\n', 'zero', 'SECTOR', '0x', ', ', 'é', 'offset='];
  const pieces: string[] = [];
  let state = 1;
  for (let done = 0; done < length;) {
    state = (state * 48_271) % 2_147_483_647;
    const word = state % 7 === 0 ? state.toString(36) : (words[state % words.length] ?? '');
    pieces.push(word);
    done += word.length;
  }
  return Buffer.from(pieces.join(''), 'utf8').subarray(0, length);
}

/** Contents that need every kind of block, table and code. */
export const zstdContents: Readonly<Record<string, () => Buffer>> = {
  empty: () => Buffer.alloc(0),
  short: () => Buffer.from('hello, hello, hello'),
  zeros: () => Buffer.alloc(300_000),
  telling: () => tellingBytes(64 * 1024),
  pattern: () => makePattern(1500),
  words: () => wordSoup(20_000),
  'more-words': () => Buffer.concat([wordSoup(9000), makePattern(500), Buffer.alloc(200_000), wordSoup(9000)]),
};

/** As options of the zstd program. */
export const zstdLevels = ['-1', '-3', '-19', '--fast=5'] as const;

export const zstdFixtures = join(import.meta.dirname, '../../fixtures/disk/zstd');

/** Reads one of them, compressed. */
export function readZstd(name: string, level: string): Buffer {
  return readFileSync(join(zstdFixtures, `${name}${level}.zst`));
}
