import { expect, it } from 'vitest';
import { loadStyle, styleLevel } from '../../../src/output/style.ts';

it.each([
  ['a terminal', { isTTY: true, env: {}, color: undefined }, 1],
  ['a terminal with 256 colours', { isTTY: true, env: { TERM: 'xterm-256color' }, color: undefined }, 2],
  ['a terminal with true colour', { isTTY: true, env: { COLORTERM: 'truecolor' }, color: undefined }, 3],
  ['a pipe', { isTTY: false, env: { TERM: 'xterm-256color' }, color: undefined }, 0],
  ['a dumb terminal', { isTTY: true, env: { TERM: 'dumb' }, color: undefined }, 0],
  ['NO_COLOR', { isTTY: true, env: { NO_COLOR: '1' }, color: undefined }, 0],
  ['an empty NO_COLOR', { isTTY: true, env: { NO_COLOR: '' }, color: undefined }, 1],
  ['FORCE_COLOR in a pipe', { isTTY: false, env: { FORCE_COLOR: '1', NO_COLOR: '1' }, color: undefined }, 1],
  ['FORCE_COLOR=0', { isTTY: true, env: { FORCE_COLOR: '0' }, color: undefined }, 0],
  ['FORCE_COLOR=-1, at which chalk itself fails', { isTTY: true, env: { FORCE_COLOR: '-1' }, color: undefined }, 0],
  ['FORCE_COLOR in words', { isTTY: false, env: { FORCE_COLOR: 'please' }, color: undefined }, 1],
  ['--no-color against everything', { isTTY: true, env: { FORCE_COLOR: '3' }, color: false }, 0],
] as const)('with %s', (_what, choice, level) => {
  expect(styleLevel(choice)).toBe(level);
});

it('paints at a level and leaves text alone at none', async () => {
  expect((await loadStyle(1)).red('x')).toBe('\u001b[31mx\u001b[39m');
  expect((await loadStyle(0)).red('x')).toBe('x');
});
