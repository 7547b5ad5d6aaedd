import fc from 'fast-check';
import stringWidth from 'string-width';
import { expect, it } from 'vitest';
import { barLine } from '../../../src/output/bar-line.ts';
import { escapeControls } from '../../../src/output/escape.ts';
import { plainStyle } from '../../../src/output/style.ts';

const state = {
  name: 'ubuntu-24.04-server-cloudimg-amd64',
  bytes: 2_470_000_000,
  total: 5_368_709_120,
  bytesPerSecond: 88_400_000,
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

it('keeps everything in its place while bytes come', () => {
  const lines = [
    { ...state, bytes: 0, bytesPerSecond: null },
    { ...state, bytes: 1000, bytesPerSecond: 10 },
    { ...state, bytes: 2_470_000_000, bytesPerSecond: 9_000_000 },
    { ...state, bytes: 5_368_709_120, bytesPerSecond: 999 * 1024 * 1024 },
  ].map((each) => barLine(each, 90, plainStyle));
  expect(new Set(lines.map((line) => line.indexOf(' %')))).toEqual(new Set([39]));
  expect(new Set(lines.map((line) => line.indexOf(' of ')))).toEqual(new Set([52]));
  expect(new Set(lines.slice(1).map((line) => line.indexOf('/s')))).toEqual(new Set([74]));
});

it('is never wider than there is room', () => {
  const anyState = fc.record({
    name: fc.string({ unit: 'grapheme' }).map((name) => escapeControls(name)),
    bytes: fc.nat(),
    total: fc.option(fc.nat()),
    bytesPerSecond: fc.option(fc.double({ min: 0, max: 1e12, noNaN: true })),
    phase: fc.option(fc.constant('verifying sha512')),
  });
  fc.assert(
    fc.property(anyState, fc.nat(150), (any, cells) => {
      expect(stringWidth(barLine(any, cells, plainStyle))).toBeLessThanOrEqual(cells);
    }),
  );
});

it('tells no time left where it is not known', () => {
  expect(barLine({ ...state, bytesPerSecond: 0 }, 80, plainStyle)).not.toContain('left');
  expect(barLine({ ...state, bytesPerSecond: 10 }, 80, plainStyle)).not.toContain('left');
  expect(barLine({ ...state, bytesPerSecond: null }, 80, plainStyle)).not.toContain('/s');
});
