import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { barLine, barLines } from '../../../../src/output/progress/bar-line.ts';
import { escapeControls } from '../../../../src/text/escape.ts';
import { plainStyle } from '../../../../src/output/style.ts';

const state = {
  name: 'ubuntu-24.04-server-cloudimg-amd64',
  bytes: 2_470_000_000,
  kept: 0,
  total: 5_368_709_120,
  bytesPerSecond: 88_400_000,
  steadyRate: 88_400_000,
  phase: null,
};

it.each([
  [
    120,
    'ubuntu-24.04-server-cloudimg-amd64  ███████████░░░░░░░░░░░░░   46 %    2.3 GiB of 5.0 GiB   84.3 MiB/s  33s left',
  ],
  [100, 'ubuntu-24.04-serv…  ███████████░░░░░░░░░░░░░   46 %    2.3 GiB of 5.0 GiB   84.3 MiB/s  33s left'],
  [80, 'ubuntu-24.0…  ████░░░░░░   46 %    2.3 GiB of 5.0 GiB   84.3 MiB/s  33s left'],
  [60, 'ubuntu-24.04-serv…   46 %    2.3 GiB of 5.0 GiB   84.3 MiB/s'],
  [40, 'ubuntu-24.0…  ████████░░░░░░░░░░░   46 %'],
  [20, 'ubuntu-24.04…   46 %'],
  [8, '…   46 %'],
  [3, ' 46'],
  [0, ''],
])('fits %d cells', (cells, line) => {
  expect(barLine(state, cells, plainStyle)).toBe(line);
});

it('keeps everything in its place while bytes arrive', () => {
  const lines = [
    { ...state, bytes: 0, bytesPerSecond: null },
    { ...state, bytes: 1000, bytesPerSecond: 10 },
    { ...state, bytes: 2_470_000_000, bytesPerSecond: 9_000_000 },
    { ...state, bytes: 5_368_709_120, bytesPerSecond: 999 * 1024 * 1024 },
  ].map((each) => barLine(each, 90, plainStyle));
  for (const mark of [' %', ' of ']) expect(new Set(lines.map((line) => line.indexOf(mark))).size).toBe(1);
  expect(new Set(lines.slice(1).map((line) => line.indexOf('/s'))).size).toBe(1);
});

it('draws bytes of an earlier run differently from new ones', () => {
  const line = barLine({ ...state, name: 'x', kept: state.bytes / 2 }, 120, plainStyle);
  expect(line).toContain(`${'▓'.repeat(5)}${'█'.repeat(6)}${'░'.repeat(13)}`);
});

it('stacks several, with the total including all', () => {
  const lines = barLines(
    [
      { ...state, name: 'cirros', bytes: 1_000_000, total: 16_000_000 },
      { ...state, phase: 'checking 1.0 GiB of 2.3 GiB kept' },
      { ...state, name: 'unknown', total: null },
      { ...state, name: '1 of 4 images', bytes: 3_000_000_000, total: 9_000_000_000 },
    ],
    100,
    plainStyle,
  );
  expect(lines.join('\n')).toMatchInlineSnapshot(`
    "cirros             █░░░░░░░░░░░░░░░░░░░░░░░    6 %  976.6 KiB of 15.3 MiB   84.3 MiB/s  0s left
    ubuntu-24.04-ser…  ███████████░░░░░░░░░░░░░   46 %  checking 1.0 GiB of 2.3 GiB kept
    unknown                                               2.3 GiB               84.3 MiB/s
    1 of 4 images      ████████░░░░░░░░░░░░░░░░   33 %    2.8 GiB of 8.4 GiB    84.3 MiB/s  1m 08s left"
  `);
});

it.each([
  [80, 'ubuntu-24.0…  ███░░░░░   46 %  verifying sha512'],
  [40, 'ubuntu-24.0…   46 %  verifying sha512'],
])('names the phase on %d cells, at the cost of amounts and bar', (cells, line) => {
  const text = barLine({ ...state, phase: 'verifying sha512' }, cells, plainStyle);
  expect(text.replace(/[█░]+/, '███░░░░░')).toBe(line);
});

it('is never wider than the terminal', () => {
  const anyState = fc.record({
    name: fc.string({ unit: 'grapheme' }).map((name) => escapeControls(name)),
    bytes: fc.nat(),
    kept: fc.nat(),
    total: fc.option(fc.nat()),
    bytesPerSecond: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
    steadyRate: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
    phase: fc.option(fc.constant('verifying sha512')),
  });
  fc.assert(
    fc.property(fc.array(anyState, { minLength: 1, maxLength: 4 }), fc.nat(150), (any, cells) => {
      for (const line of barLines(any, cells, plainStyle)) expect(stringWidth(line)).toBeLessThanOrEqual(cells);
    }),
  );
});

it('shows no time left if that is unknown, and no seconds of a long one', () => {
  expect(barLine({ ...state, steadyRate: 0 }, 80, plainStyle)).not.toContain('left');
  expect(barLine({ ...state, steadyRate: 10 }, 80, plainStyle)).not.toContain('left');
  expect(barLine({ ...state, bytesPerSecond: null }, 80, plainStyle)).not.toContain('/s');
  expect(barLine({ ...state, steadyRate: 3_000_000 }, 80, plainStyle)).toMatch(/ 16m left$/);
});
