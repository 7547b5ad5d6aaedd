import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import type { FleetStatus } from '../../../../src/client/fleet/fleet-event.ts';
import { fleetLines, FleetSpeed } from '../../../../src/output/progress/fleet.ts';
import { createProgress } from '../../../../src/output/progress/progress.ts';
import { plainStyle } from '../../../../src/output/style.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

const mebibyte = 2 ** 20;
const amounts: FleetStatus = {
  images: 10,
  finished: 3,
  failed: 1,
  lost: 0,
  bytes: 0,
  total: 100 * mebibyte,
  workers: 2,
  by_worker: [
    { worker: 'alpha', jobs: 2, finished: 3, bytes: 0 },
    { worker: 'beta\u{1b}[2J', jobs: 1, finished: 0, bytes: 0 },
    { worker: 'idle', jobs: 0, finished: 1, bytes: 0 },
  ],
  bytes_per_second: null,
  seconds_left: null,
};

/** After ten seconds at ten mebibytes a second. */
function later(clock: ManualClock, speed: FleetSpeed): FleetStatus {
  speed.note(amounts);
  clock.advance(10_000);
  const by_worker = amounts.by_worker.map((each) => ({ ...each, bytes: each.jobs * 20 * mebibyte }));
  const now = { ...amounts, bytes: 60 * mebibyte, by_worker };
  speed.note(now);
  return now;
}

it('has a line for each busy worker and one for all, safe for a terminal and no wider than it', () => {
  const clock = new ManualClock();
  const speed = new FleetSpeed(clock);
  const lines = fleetLines(later(clock, speed), speed, 110, 10, plainStyle);
  expect(lines.map((line) => line.replaceAll(/\s{2,}/g, '  '))).toEqual([
    'alpha: 2 at once, 3 done  40.0 MiB  4.0 MiB/s',
    String.raw`beta\x1b[2J: 1 at once, 0…  20.0 MiB  2.0 MiB/s`,
    '3 of 10 done, 1 failed  ██████████████░░░░░░░░░░  60 %  60.0 MiB of 100.0 MiB  6.0 MiB/s  7s left',
  ]);
  for (const cells of [10, 40, 79]) {
    for (const line of fleetLines(amounts, speed, cells, 10, plainStyle))
      expect(line.length).toBeLessThanOrEqual(cells);
  }
  expect(fleetLines(amounts, speed, 110, 3, plainStyle)).toHaveLength(2);
});

it('says so if no worker listens, and counts images if they are not read completely', () => {
  const clock = new ManualClock();
  const speed = new FleetSpeed(clock);
  const audit = { ...amounts, total: null, workers: 0, by_worker: [] };
  speed.note({ ...audit, finished: 0, failed: 0 });
  clock.advance(4000);
  speed.note(audit);
  expect(fleetLines({ ...audit, seconds_left: 6 }, speed, 110, 10, plainStyle)).toEqual([
    '3 of 10 done, 1 failed  1.0 a second  6s left',
    'no worker is connected to the queue',
  ]);
});

it('is a line every ten seconds without a terminal, and one for each lost lease', async () => {
  let text = '';
  const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
    text += chunk.toString();
    done();
  };
  const [stream, clock] = [new Writable({ write }), new ManualClock()];
  const options = { stream, isTTY: false, columns: 80, clock, style: plainStyle };
  const listen = (await createProgress('plain', options)).fleet();
  const time = new Date(clock.wallTime()).toISOString();
  listen({ event: 'fleet', time, ...amounts });
  clock.advance(10_000);
  listen({ event: 'fleet', time, ...amounts, bytes: 50 * mebibyte });
  listen({ event: 'lost', time, image: 'an-id', worker: 'alpha\n' });
  listen({ event: 'progress', time, bytes: 1, total: 2, image: 'an-id' });
  expect(text).toBe(
    '3 of 10 done, 1 failed, 2 workers: 50.0 MiB of 100.0 MiB (50 %), 5.0 MiB/s\n' +
      String.raw`an-id: alpha\x0a lost it; another worker takes over` +
      '\n',
  );
});
