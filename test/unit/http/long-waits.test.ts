import { expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { RetryNotice } from '../../../src/retry.ts';
import { LongWaits } from '../../../src/http/long-waits.ts';
import { ManualClock } from '../../support/manual-clock.ts';

const late = new GlanceError('net.timeout.headers', 'cloud.example: no answer within 4 s');
const notice: RetryNotice = { error: late, delayMs: 900, nextAttempt: 2 };

function makeWaits(): { clock: ManualClock; told: readonly string[]; waits: LongWaits } {
  const [clock, told] = [new ManualClock(), [] as string[]];
  return { clock, told, waits: new LongWaits(clock, (message) => told.push(message)) };
}

it('reports once that a server keeps many requests waiting, and again once it has answered', async () => {
  const { clock, told, waits } = makeWaits();
  const fails = async (times: number): Promise<string> =>
    await waits.watch('http://cloud.example', async (goesOn) => {
      for (let time = 0; time < times; time++) {
        clock.advance(4000);
        goesOn(notice);
      }
      return 'answer';
    });
  expect([await fails(1), told]).toEqual(['answer', []]);
  await waits.watch('http://cloud.example', async (goesOn) => {
    clock.advance(5000);
    goesOn(notice);
    await waits.watch('http://other.example', async (other) => {
      clock.advance(5000);
      other(notice);
      other(notice);
    });
    goesOn(notice);
  });
  expect(told).toEqual(Array.from({ length: 2 }, () => `${late.message}; trying again in 1 s`));
  await fails(2);
  expect(told.length).toBe(3);
});

it('does not mistake a failure for an answer', async () => {
  const { clock, told, waits } = makeWaits();
  const failure = waits.watch('http://cloud.example', async (goesOn) => {
    clock.advance(6000);
    goesOn(notice);
    throw late;
  });
  await expect(failure).rejects.toBe(late);
  await waits.watch('http://cloud.example', async (goesOn) => {
    clock.advance(6000);
    goesOn(notice);
  });
  expect(told.length).toBe(1);
});

it('counts the time until the next attempt, which the server may choose', async () => {
  const { told, waits } = makeWaits();
  const asked = async (delayMs: number): Promise<void> =>
    await waits.watch('http://cloud.example', async (goesOn) => goesOn({ ...notice, delayMs }));
  await asked(4999);
  expect(told).toEqual([]);
  await asked(17_000);
  expect(told).toEqual([`${late.message}; trying again in 17 s`]);
});

it('reports once that a server limits requests, however often, and again if it asks for much longer waits', async () => {
  const { clock, told, waits } = makeWaits();
  const limited = async (status: 429 | 503, retryAfterMs: number): Promise<void> =>
    await waits.watch('http://cloud.example', async (goesOn) => {
      const error = new GlanceError(`http.${status}`, `cloud.example answered ${String(status)}`, { retryAfterMs });
      goesOn({ error, delayMs: retryAfterMs, nextAttempt: 2 });
      clock.advance(retryAfterMs);
    });
  for (let page = 0; page < 20; page++) await limited(429, 6000);
  await limited(503, 6000);
  await limited(429, 12_000);
  await limited(429, 13_000);
  await limited(429, 6000);
  clock.advance(600_000);
  await limited(429, 6000);
  expect(told).toEqual([
    'cloud.example answered 429; trying again in 6 s',
    'cloud.example answered 503; trying again in 6 s',
    'cloud.example answered 429; trying again in 13 s',
    'cloud.example answered 429; trying again in 6 s',
  ]);
});
