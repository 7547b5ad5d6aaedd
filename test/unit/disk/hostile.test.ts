// Whatever is done to an image, a parser says something about it, requests a bounded number of bytes, and never fails.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createReport, reportKeys, undeclared } from '../../../src/disk/report.ts';
import { drive, type Driven } from '../../support/disk/drive.ts';
import { byFormat, headerOf } from '../../support/disk/headers.ts';
import { runMutations } from '../../support/disk/mutations/mutations.ts';
import { worlds } from '../../support/thoroughness.ts';

/** The most that any verdict may cost, except for VHDX. */
const mostBytes = 2 * 1024 * 1024;
const mostForVhdx = 17 * 1024 * 1024;
const sortedKeys = JSON.stringify(reportKeys.toSorted());

/** Compares by hand: it is called so often that assertions would take most of the time. */
function expectSane({ finding, asked }: Driven): void {
  const { virtualSize } = finding;
  const report = createReport({ id: null, name: null, path: 'x', size: 1, declared: undeclared }, finding, asked);
  const isSane =
    asked <= (finding.format === 'vhdx' ? mostForVhdx : mostBytes) &&
    (virtualSize === null || (virtualSize >= 0n && virtualSize < 2n ** 63n)) &&
    JSON.stringify(Object.keys(report).toSorted()) === sortedKeys &&
    report.safe === report.hazards.every(({ severity }) => severity === 'warning');
  if (!isSane) expect({ asked, virtualSize, report }).toBe('sane');
}

const kibibyte = 1024;

describe.each(byFormat)('$format', (sample) => {
  const { offsets, known } = headerOf(sample);

  it('cut off anywhere in its header is still that format, and not safe while required data is missing', () => {
    let isWhole = false;
    for (const length of offsets) {
      const { finding, ...driven } = drive(sample.bytes.subarray(0, length));
      expectSane({ finding, ...driven });
      const format = length >= known || finding.format === sample.format ? sample.format : 'raw';
      if (finding.format !== format) expect(finding.format).toBe(format);
      // Once there is enough of it for a verdict, more of it does not make the verdict worse.
      const isUnsafe = finding.hazards.some(({ severity }) => severity === 'unsafe');
      if (isWhole && isUnsafe) expect.fail(`${String(length)} bytes are unsafe, fewer are not`);
      isWhole ||= length >= known && !isUnsafe;
    }
  });

  it('changed anywhere in its header still gives a report', () => {
    const header = fc.constantFrom(...offsets);
    const changes = fc.array(fc.tuple(header, fc.constantFrom(0, 1, 0x7f, 0x80, 0xff)), {
      minLength: 1,
      maxLength: 12,
    });
    fc.assert(
      fc.property(changes, fc.boolean(), (all, hasEnd) => {
        const bytes = Buffer.from(sample.bytes.subarray(0, 1200 * kibibyte));
        for (const [at, value] of all) bytes[at] = value;
        expectSane(drive(bytes, hasEnd));
      }),
      { numRuns: worlds(10, 200) },
    );
  });

  it('is its magic number followed by anything at all', () => {
    const rest = fc.uint8Array({ minLength: 0, maxLength: 1500 });
    fc.assert(
      fc.property(rest, fc.constantFrom(8, 68, 512), (random, kept) => {
        expectSane(drive(Buffer.concat([sample.bytes.subarray(0, kept), random])));
      }),
      { numRuns: worlds(10, 200) },
    );
  });
});

it('anything at all gives a report', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 4096 }), (bytes) => expectSane(drive(bytes))));
});

it('any change to any image of the corpus gives a report, in little memory', () => {
  const count = worlds(500, 10_000);
  const { inputs, failures, formats, mostGrowth } = runMutations(count, 1);
  expect([inputs, failures]).toEqual([count, []]);
  expect(formats.size).toBeGreaterThan(20);
  expect(mostGrowth).toBeLessThan(64 * 1024 * 1024);
});
