// What a download needs before it begins: room, a lock, and a record for the next run.
import { describe, expect, it } from 'vitest';
import { simData, SimGlance } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import { takeSteps } from '../../support/sim/sim-steps.ts';

const glance = (): SimGlance => new SimGlance(simData(1, 2));
const namesOf = (fs: SimFs): string[] => [...fs.files().keys()];

describe('room', () => {
  const withRoom = (bytes: number): SimFs => Object.assign(new SimFs(), { freeBytes: () => Promise.resolve(bytes) });

  it.each([
    [131_149, true],
    [131_148, false],
  ])('of %d bytes is enough: %s', async (bytes, isEnough) => {
    const fs = withRoom(bytes);
    const { events, error } = await takeSteps(fs, glance());
    expect([events.includes('GET all'), error?.code ?? null]).toEqual([isEnough, isEnough ? null : 'io.nospace']);
    if (!isEnough) expect([events, namesOf(fs)]).toEqual([['failed 0 null', 'unlock'], []]);
  });

  it('is not checked on request, and need only be enough for what is still missing', async () => {
    const fs = withRoom(10);
    expect((await takeSteps(fs, glance(), { checkSpace: false })).error).toBeNull();
    const left = new SimFs();
    const breaking = glance();
    breaking.cutAfter = 65_536;
    await takeSteps(left, breaking);
    Object.assign(left, { freeBytes: () => Promise.resolve(65_613) });
    expect((await takeSteps(left, breaking)).result?.resumedFrom).toBe(65_536);
  });

  it('does not matter for an image of unknown size', async () => {
    const simple = glance();
    const { error } = await takeSteps(withRoom(0), simple, { source: { image: { ...simple.image, size: null } } });
    expect(error).toBeNull();
  });
});

describe('a lock and a record', () => {
  it.each<[string, number, Parameters<typeof takeSteps>[2], boolean, boolean]>([
    ['are not needed for an image whose lock is held for all', 262_145, { isShared: true }, false, false],
    ['of which an image that will not be resumed needs only the lock', 262_145, { resumes: false }, true, false],
    ['are both needed for any other', 262_144, { isShared: false, resumes: true }, true, true],
  ])('%s', async (_what, size, options, isLocked, isRecorded) => {
    const simple = new SimGlance(simData(1, 5).subarray(0, size));
    const { events, disk, result } = await takeSteps(new SimFs(), simple, options);
    expect(result?.bytes).toBe(size);
    expect([events.includes('unlock'), disk.some((each) => each.includes('json'))]).toEqual([isLocked, isRecorded]);
  });
});

it('a run that is ended while the image is being approved leaves the target as it was', async () => {
  const stop = new AbortController();
  const fs = new SimFs();
  const running = takeSteps(fs, glance(), { signal: stop.signal, approve: () => stop.abort() });
  expect(await running.catch((error: unknown) => error)).toBe(stop.signal.reason);
  expect(namesOf(fs).map((name) => name.replace(/\.\w{12}\./, '.'))).toEqual([
    '/d/.image.raw.part',
    '/d/.image.raw.part.json',
  ]);
});
