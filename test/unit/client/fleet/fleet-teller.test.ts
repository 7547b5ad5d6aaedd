import { expect, it } from 'vitest';
import type { FleetEvent } from '../../../../src/client/fleet/fleet-event.ts';
import { FleetTeller } from '../../../../src/client/fleet/fleet-teller.ts';
import { ManualClock } from '../../../support/manual-clock.ts';

/** A fleet that waits for one image, as job `j`. */
function startTelling() {
  const events: FleetEvent[] = [];
  const clock = new ManualClock();
  const teller = new FleetTeller(clock, (event) => events.push(event));
  const policy = { quick: false };
  const facts = { image: '1', name: 'one', size: 10, record: '', place: '/m', file: '1/1.raw', digests: [], policy };
  teller.expect([{ id: 'j', isAgain: false, job: { kind: 'verify', endpoint: null, ...facts } }]);
  const done = (): FleetEvent | undefined => events.find(({ event }) => event === 'done');
  return { clock, teller, events, done };
}

it('tells how long the worker took for an image', () => {
  const { clock, teller, done } = startTelling();
  teller.take({ event: 'leased', id: 'j' });
  clock.advance(60_000);
  teller.take({ event: 'lost', id: 'j' });
  clock.advance(1000);
  teller.take({ event: 'leased', id: 'j' });
  clock.advance(2500.4321);
  teller.take({ event: 'finished', id: 'j' });
  expect(done()).toMatchObject({ image: '1', bytes: 10, seconds: 2.5 });
});

it('claims no time for an image that was begun before anybody was waiting for it', () => {
  const { clock, teller, done } = startTelling();
  clock.advance(2500);
  teller.take({ event: 'finished', id: 'j' });
  expect(done()).toMatchObject({ bytes: 10, seconds: 0 });
});

it('estimates how long the rest will take, once it knows how fast bytes arrive', () => {
  const { clock, teller, events } = startTelling();
  teller.tell();
  for (const bytes of [2, 4, 6]) {
    clock.advance(3000);
    teller.take({ event: 'progress', id: 'j', progress: { bytes, worker: 'one' } });
  }
  const told = events.filter(({ event }) => event === 'fleet');
  expect(told[0]).toMatchObject({ bytes: 0, total: 10, bytes_per_second: null, seconds_left: null });
  expect(told.at(-1)).toMatchObject({ bytes: 6, total: 10, bytes_per_second: 1, seconds_left: 6 });
});
