import { setImmediate } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { type Clock, sleep, startPatientTimer, systemClock } from '../../src/clock.ts';

/** A clock whose only timer is fired by hand, at whatever time. */
function handClock(): { clock: Clock; ring: (at: number) => void } {
  let now = 0;
  let waiting: (() => void) | null = null;
  const clock: Clock = {
    ...systemClock,
    monotonic: () => now,
    startTimer: (_delayMs, onTime) => {
      waiting = onTime;
      return () => {
        waiting = null;
      };
    },
  };
  return {
    clock,
    ring: (at) => {
      now = at;
      const due = waiting;
      waiting = null;
      due?.();
    },
  };
}

it.each([
  ['in time', [60_000], true],
  ['a little late, as on a busy machine', [69_000], true],
  ['after the process was suspended', [500_000], false],
  ['after the process was suspended, and then in time', [500_000, 560_000], true],
  ['after the process was suspended twice', [500_000, 900_000], false],
])('a timer that fires %s counts for its caller or not', (_when, rings, isTime) => {
  const { clock, ring } = handClock();
  let count = 0;
  startPatientTimer(clock, 60_000, () => {
    count++;
  });
  for (const at of rings) ring(at);
  expect(count).toBe(isTime ? 1 : 0);
});

it('can be cancelled, even after it was restarted', () => {
  const { clock, ring } = handClock();
  let count = 0;
  const cancel = startPatientTimer(clock, 60_000, () => {
    count++;
  });
  ring(500_000);
  cancel();
  ring(560_000);
  expect(count).toBe(0);
});

it('lets one signal end any number of waits without a leak warning of Node', async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  onTestFinished(() => void process.off('warning', note));
  const end = new AbortController();
  const waits = Array.from({ length: 100 }, () =>
    sleep(systemClock, 60_000, end.signal).catch((error: unknown) => error),
  );
  end.abort('over');
  expect(new Set(await Promise.all(waits))).toEqual(new Set(['over']));
  await setImmediate();
  expect(warnings).toEqual([]);
});
