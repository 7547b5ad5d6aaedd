import { expect, it } from 'vitest';
import { RateMeter } from '../../../../src/transfer/flow/rate-meter.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

function meter(): { clock: ManualClock; rate: RateMeter; note: (bytes: number, afterMs: number) => void } {
  const clock = new ManualClock();
  const rate = new RateMeter(clock);
  const note = (bytes: number, afterMs: number): void => {
    clock.advance(afterMs);
    rate.note(bytes);
  };
  return { clock, rate, note };
}

it('is unknown until two measurements are far enough apart', () => {
  const { rate, note } = meter();
  expect(rate.perSecond).toBeNull();
  note(1_000_000, 0);
  expect(rate.perSecond).toBeNull();
  note(1_000_100, 199);
  expect(rate.perSecond).toBeNull();
  note(1_000_200, 1);
  expect(rate.perSecond).toBeCloseTo(1000);
});

it('is exact from the start when it does not change', () => {
  const { rate, note } = meter();
  for (let second = 0; second < 60; second++) note(second * 500, 1000);
  expect(rate.perSecond).toBeCloseTo(500);
});

it('follows a change without jumping', () => {
  const { rate, note } = meter();
  for (let second = 0; second <= 60; second++) note(second * 100, 1000);
  note(6000 + 1100, 1000);
  expect(rate.perSecond).toBeGreaterThan(200);
  expect(rate.perSecond).toBeLessThan(400);
});

it('falls while nothing arrives', () => {
  const { clock, rate, note } = meter();
  for (let second = 0; second <= 60; second++) note(second * 100, 1000);
  clock.advance(1000);
  expect(rate.perSecond).toBeCloseTo(100);
  clock.advance(29_000);
  expect(rate.perSecond).toBeLessThan(1);
});

it('starts over when bytes start over', () => {
  const { rate, note } = meter();
  note(0, 0);
  note(5000, 1000);
  note(10, 1000);
  expect(rate.perSecond).toBeNull();
  note(1010, 1000);
  expect(rate.perSecond).toBeCloseTo(1000);
});
