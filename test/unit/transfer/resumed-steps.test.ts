// What an interrupted run leaves behind, and how the next one continues, step by step.
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/clock.ts';
import { segment, simData, SimGlance, simTarget, type StoreKind } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import {
  beginSteps,
  breakingGlance,
  doneSteps,
  keepSteps,
  publishSteps,
  takeSteps,
} from '../../support/sim/sim-steps.ts';

const retryHint = 'run the same command again: it resumes from there';

/** What a run left that was interrupted there. */
async function leave(glance: SimGlance): Promise<SimFs> {
  const fs = new SimFs();
  await takeSteps(fs, glance);
  return fs;
}

const nameOf = (fs: SimFs, end: string): string => [...fs.files().keys()].find((name) => name.endsWith(end)) ?? 'none';

describe('an interrupted run', () => {
  it('leaves what it has, durable, for the next', async () => {
    const fs = new SimFs();
    const { events, disk, error } = await takeSteps(fs, breakingGlance());
    expect(events).toEqual([
      'start image 131149 0',
      'GET all',
      'progress 65536 131149',
      'failed 65541 kept 65541',
      'unlock',
    ]);
    expect(disk).toEqual([
      ...beginSteps,
      'write part 65536/65536 at 0',
      'write part 5/5 at 65536',
      ...keepSteps(65541),
      'unlock',
    ]);
    const partial = { path: nameOf(fs, '.part'), bytes: 65541 };
    expect(error?.facts).toEqual({ attempts: 1, partial, hint: retryHint });
    expect(fs.openFiles).toBe(0);
  });

  it('leaves complete writes on a full disk', async () => {
    const fs = new SimFs();
    fs.limit(segment + 3000);
    const { events, disk, error } = await takeSteps(fs, new SimGlance(simData(1, 2)));
    expect(events.slice(-2)).toEqual(['failed 65536 kept 65536', 'unlock']);
    expect(disk.slice(beginSteps.length)).toEqual([
      'write part 65536/65536 at 0',
      expect.stringMatching(/^write part 2\d{3}\/65536 at 65536$/),
      ...keepSteps(65536),
      'unlock',
    ]);
    expect(error?.code).toBe('io.nospace');
  });

  it('gives up its last 256 KiB if the disk has no room for the record', async () => {
    const fs = new SimFs();
    const glance = breakingGlance(5);
    glance.cutAfter = 5 * segment;
    glance.onPiece = (piece, start) => {
      // Room for what is in transit.
      if (start === 4 * segment) fs.limit(5 * segment - (fs.files().get(nameOf(fs, '.part'))?.length ?? 0));
      return piece;
    };
    // No time passes, so that the record is not written before the end.
    const clock = { ...systemClock, monotonic: () => 0, random: () => 0 };
    const { events, disk } = await takeSteps(fs, glance, { clock });
    expect(events.slice(-2)).toEqual(['failed 327680 kept 65536', 'unlock']);
    const failed = ['open part.json.tmp to write, new 600', 'close part.json.tmp', 'unlink part.json.tmp'];
    expect(disk.slice(beginSteps.length + 5)).toEqual([
      'cut part to 327680',
      'datasync part',
      ...failed,
      'read part 65536/65536 at 0',
      ...keepSteps(65536),
      'unlock',
    ]);
  });

  it('leaves nothing of an image that others may be writing too', async () => {
    const fs = new SimFs();
    const { events, disk, error } = await takeSteps(fs, breakingGlance(), { isShared: true });
    expect(events.at(-1)).toBe('failed 65541 null');
    expect(disk.at(-1)).toMatch(/^unlink /);
    expect([error?.facts, [...fs.files().keys()]]).toEqual([{ attempts: 1 }, []]);
  });
});

describe('the next run', () => {
  it('checks what is there, and requests the rest', async () => {
    const glance = breakingGlance();
    const fs = await leave(glance);
    const { events, disk, result } = await takeSteps(fs, glance);
    expect(events).toEqual([
      'start image 131149 65541',
      'check 65536 65541',
      'check 65541 65541',
      'GET 65541-131149',
      'progress 131077 131149',
      'progress 131149 131149',
      ...doneSteps(131149, 2),
    ]);
    expect(disk).toEqual([
      'open part to change',
      'open part.json to read',
      expect.stringMatching(/^read part.json (\d+)\/\1 at 0$/),
      'close part.json',
      'cut part to 65541',
      'read part 65536/65536 at 0',
      'read part 5/5 at 65536',
      'write part 65536/65536 at 65541',
      'write part 72/72 at 131077',
      ...publishSteps(131149),
    ]);
    expect(result).toMatchObject({ resumedFrom: 65541, retries: 0, seconds: 2, bytesPerSecond: 65608 / 2 });
  });

  const damages: readonly [string, (fs: SimFs) => void, string[]][] = [
    [
      'data',
      (fs) => void fs.files().get(nameOf(fs, '.part'))?.fill(0, 3, 4),
      [
        'start image 131149 65541',
        'check 65536 65541',
        'check 65541 65541',
        'part of an earlier, unfinished download is damaged; that part is fetched again',
      ],
    ],
    [
      'a record',
      (fs) => fs.put(nameOf(fs, '.json'), Buffer.from('{}')),
      [
        'the record of an earlier, unfinished download cannot be read; all of it is fetched again',
        'start image 131149 0',
      ],
    ],
  ];
  it.each(damages)('reports that %s is damaged, and fetches everything', async (_what, damage, told) => {
    const glance = breakingGlance();
    const fs = await leave(glance);
    damage(fs);
    const { events, result } = await takeSteps(fs, glance);
    expect(events.map((each) => each.replace('restart io.damaged ', ''))).toEqual([
      ...told,
      'GET all',
      'progress 65536 131149',
      'progress 131072 131149',
      'progress 131149 131149',
      ...doneSteps(131149, 3),
    ]);
    expect(result?.resumedFrom).toBe(0);
  });

  it('has nothing to fetch if everything is there', async () => {
    const fs = new SimFs();
    const glance = new SimGlance(simData(1, 2));
    const approve = (): void => fs.put(simTarget, Buffer.from('came meanwhile'));
    const { error } = await takeSteps(fs, glance, { approve });
    expect(error?.code).toBe('io.exists');
    expect(error?.facts).toMatchObject({
      partial: { bytes: 131149 },
      hint: expect.not.stringContaining('resumes') as string,
    });
    fs.remove(simTarget);
    const { events, result } = await takeSteps(fs, glance);
    const checked = ['check 65536 131149', 'check 131149 131149'];
    expect(events).toEqual(['start image 131149 131149', ...checked, ...doneSteps(131149, 0)]);
    expect(result).toMatchObject({ resumedFrom: 131149, bytesPerSecond: null });
  });

  it.each<[StoreKind, string[]]>([
    ['refused', ['GET 65541-196685', 'GET all']],
    ['ignored', ['GET 65541-196685']],
  ])('compares what is there where ranges are %s', async (store, requests) => {
    const glance = breakingGlance(3, store);
    const fs = await leave(glance);
    const { events, result } = await takeSteps(fs, glance);
    expect(events.filter((each) => !each.startsWith('check'))).toEqual([
      'start image 196685 65541',
      ...requests,
      'compare 65536 65541',
      'progress 131072 196685',
      'progress 196608 196685',
      'progress 196685 196685',
      ...doneSteps(196685, 4),
    ]);
    expect(result?.resumedFrom).toBe(65541);
  });
});
