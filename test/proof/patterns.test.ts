// Expressions that are not linear are refused. Loading the checker takes longer than everything else about expressions.
import { expect, test } from 'vitest';
import { judge } from '../architecture/judge.ts';

test.each([
  [String.raw`\s+$`, '', '2nd degree polynomial'],
  [String.raw`^([\w.]+)\s*=\s*(.*)$`, '', '2nd degree polynomial'],
  [String.raw`<(head|style)[\s\S]*?<\/\1>`, 'i', 'unsupported'],
])('refuses /%s/%s: %s', (source, flags, why) => {
  expect(judge(source, flags)).toBe(`/${source}/${flags}: ${why}`);
});
