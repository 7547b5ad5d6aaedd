import { expect, it } from 'vitest';
import { isDigestText } from '../../../src/text/digest-text.ts';

it.each([
  ['a'.repeat(32), true],
  ['0123456789ABCDEF'.repeat(8), true],
  [`sha256:${'0'.repeat(64)}`, true],
  ['a'.repeat(31), false],
  ['g'.repeat(32), false],
  [`${'a'.repeat(32)} `, false],
  [`${'a'.repeat(17)}:${'0'.repeat(32)}`, false],
  ['6b5f8c9e-0000-4000-8000-000000000001', false],
  ['', false],
])('%j is recognised as a digest: %s', (text, isDigest) => {
  expect(isDigestText(text)).toBe(isDigest);
});
