// How a run continues after a failure, step by step.
import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import { simData } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import { beginSteps, breakingGlance, doneSteps, publishSteps, takeSteps } from '../../support/sim/sim-steps.ts';

const reset = 'net.reset the connection was reset';

describe('after a break in the same run', () => {
  it('the image is looked up again, and the rest of it is requested', async () => {
    const { events, disk, result } = await takeSteps(new SimFs(), breakingGlance(), { retry: { retries: 1 } });
    expect(events).toEqual([
      'start image 131149 0',
      'GET all',
      'progress 65536 131149',
      `retry 2 0 ${reset} 65541`,
      'GET record',
      'GET 65541-131149',
      'progress 131077 131149',
      'progress 131149 131149',
      ...doneSteps(131149, 3),
    ]);
    expect(disk.slice(beginSteps.length)).toEqual([
      'write part 65536/65536 at 0',
      'write part 5/5 at 65536',
      'write part 65536/65536 at 65541',
      'write part 72/72 at 131077',
      ...publishSteps(131149),
    ]);
    expect(result).toMatchObject({ retries: 1, resumedFrom: 0, seconds: 3, bytesPerSecond: 131149 / 3 });
  });

  it('an image that was replaced is fetched from the start', async () => {
    const glance = breakingGlance();
    glance.onCut = () => (glance.data = simData(2, 2));
    const { events, disk, result } = await takeSteps(new SimFs(), glance, { retry: { retries: 1 } });
    expect(events).toEqual([
      'start image 131149 0',
      'GET all',
      'progress 65536 131149',
      `retry 2 0 ${reset} 65541`,
      'GET record',
      'failed 65541 null',
      'restart integrity.changed image: the image was replaced during the download; the new one is fetched from the start',
      'GET record',
      'start image 131149 0',
      'GET all',
      'progress 65536 131149',
      'progress 131072 131149',
      'progress 131149 131149',
      ...doneSteps(131149, 4),
    ]);
    expect(disk.slice(beginSteps.length + 2, 2 * beginSteps.length + 5)).toEqual([
      'close part',
      'unlink part.json',
      'unlink part',
      ...beginSteps,
    ]);
    expect(result).toMatchObject({ retries: 0, seconds: 4 });
  });

  it.each<[string, number, string[]]>([
    ['the whole is requested at last if ranges fail in ways that may pass', 0, ['GET record', 'GET all']],
    [
      'ranges are first requested again, as often as allowed',
      1,
      ['retry 3 0 http.503 busy 65541', 'GET record', 'GET 65541-131149', 'GET record', 'GET all'],
    ],
  ])('%s', async (_what, more, then) => {
    const glance = breakingGlance();
    const { open } = glance.source();
    const source: Partial<DownloadSource> = {
      open: async (range, signal) => {
        if (range !== null) throw new GlanceError('http.503', 'busy');
        return await open(range, signal);
      },
    };
    const { events, result } = await takeSteps(new SimFs(), glance, { source, retry: { retries: 1 + more } });
    expect(events.filter((each) => !/^(?:progress|compare)/.test(each))).toEqual([
      'start image 131149 0',
      'GET all',
      `retry 2 0 ${reset} 65541`,
      'GET record',
      'GET 65541-131149',
      ...then,
      ...doneSteps(131149, 4),
    ]);
    expect(result?.retries).toBe(1 + more);
  });

  it('everything is fetched again, once, if what two answers delivered does not match', async () => {
    const glance = breakingGlance(3);
    // The second answer contains other data.
    let isOther = false;
    glance.onCut = () => (isOther = true);
    glance.onPiece = (piece, start) => {
      const sent = isOther ? Buffer.alloc(piece.length, 7) : piece;
      isOther &&= start + piece.length < glance.data.length;
      return sent;
    };
    const image = glance.image;
    const fs = new SimFs();
    const { events, disk, result } = await takeSteps(fs, glance, {
      source: { image, refresh: () => Promise.resolve(image) },
      retry: { retries: 1 },
    });
    expect(events.filter((each) => !each.startsWith('progress')).slice(4)).toEqual([
      'GET 65541-196685',
      'verify sha256',
      'GET record',
      expect.stringMatching(/^restart integrity.digest image: .*; all of it is fetched again$/),
      'GET all',
      ...doneSteps(196685, 8),
    ]);
    expect(disk.filter((each) => each.startsWith('cut'))).toEqual(['cut part to 0', 'cut part to 196685']);
    expect(result).toMatchObject({ retries: 1, resumedFrom: 0 });
  });
});
