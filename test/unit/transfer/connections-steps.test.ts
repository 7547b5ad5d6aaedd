// What several connections request, and how they become one.
import { expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadSource } from '../../../src/transfer/flow/source.ts';
import { simData, SimGlance, simTarget, type StoreKind } from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import { takeSteps } from '../../support/sim/sim-steps.ts';

const MiB = 1024 * 1024;
/** Two pieces, and a remainder. */
const data = simData(1, 128);
const size = data.length;
const asked = (from: number, to = from + 4): string => `GET ${String(from * MiB)}-${String(Math.min(to * MiB, size))}`;
const tooMany = (bytes: number): string[] => [`retry 2 0 http.429 slow down ${String(bytes)}`, 'GET record'];

it.each<readonly [string, StoreKind, failures: number, readonly string[]]>([
  ['fetch piece after piece beside the stream of the whole image', 'works', 0, ['GET all', asked(4), asked(8)]],
  ['end if the whole image is sent instead', 'ignored', 0, ['GET all', asked(4)]],
  [
    'become one for good if they are too many',
    'works',
    2,
    ['GET all', asked(4), asked(8), ...tooMany(4 * MiB), asked(4, 16)],
  ],
])('several connections %s', async (_what, store, failures, requests) => {
  const glance = new SimGlance(data, store);
  const { open } = glance.source();
  const opened: (() => boolean)[] = [];
  let left = failures;
  const source: Partial<DownloadSource> = {
    open: async (range, signal) => {
      if (range !== null && left-- > 0) throw new GlanceError('http.429', 'slow down');
      const answer = await open(range, signal);
      opened.push(() => answer.body.destroyed);
      return answer;
    },
  };
  const fs = new SimFs();
  const options = { connections: 2, source, bufferBytes: MiB, retry: { retries: 1 } };
  const { events, result } = await takeSteps(fs, glance, options);
  expect(events.filter((each) => /^(?:GET|retry)/.test(each))).toEqual(requests);
  expect(result?.retries).toBe(failures > 0 ? 1 : 0);
  expect(fs.files().get(simTarget)?.equals(data)).toBe(true);
  expect(opened.every((isDestroyed) => isDestroyed())).toBe(true);
});
