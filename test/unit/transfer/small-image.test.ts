// A small image in a directory that the caller has a lock over: no lock of its own, nothing kept, and all promises as ever.
import { expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadResult } from '../../../src/transfer/download-options.ts';
import { seeded, simData, simDownload, SimGlance, simTarget } from '../../support/sim-download.ts';
import { SimFs } from '../../support/sim-fs.ts';

const data = simData(1, 3);
const old = Buffer.from('what stood there before');

async function download(fileSystem: SimFs, glance = new SimGlance(data)): Promise<DownloadResult | GlanceError> {
  return await simDownload(fileSystem, glance, { force: true, isWithin: true }).catch((error: unknown) => {
    if (error instanceof GlanceError) return error;
    throw error;
  });
}

function prepare(hasOld: boolean): SimFs {
  const fileSystem = new SimFs();
  if (hasOld) fileSystem.put(simTarget, old);
  return fileSystem;
}

function shown(fileSystem: SimFs): 'old' | 'whole' | 'nothing' | 'other' {
  const target = fileSystem.files().get(simTarget);
  if (target === undefined) return 'nothing';
  return target.equals(data) ? 'whole' : target.equals(old) ? 'old' : 'other';
}

async function expectFinish(fileSystem: SimFs): Promise<void> {
  expect(await download(fileSystem)).toMatchObject({ verifiedBy: 'sha256' });
  expect([...fileSystem.files().keys()]).toEqual([simTarget]);
  expect(shown(fileSystem)).toBe('whole');
}

it.each([
  ['a new file', false],
  ['a file that is replaced', true],
])(
  'a power cut at any operation leaves the old file or the complete image, and the next run cleans up: %s',
  async (_, hasOld) => {
    const before = hasOld ? 'old' : 'nothing';
    let isDone = false;
    for (let k = 1; !isDone; k++) {
      for (let sample = 0; sample < 3; sample++) {
        const fileSystem = prepare(hasOld);
        fileSystem.cutAt(fileSystem.operations + k);
        isDone = !((await download(fileSystem)) instanceof GlanceError);
        const after = fileSystem.crash(seeded(k * 100 + sample));
        expect(isDone ? ['whole'] : [before, 'whole']).toContain(shown(after));
        await expectFinish(after);
      }
    }
  },
);

it.each(['EIO', 'ENOSPC'])('an operation that fails with %s, whichever, leaves nothing behind', async (errno) => {
  let isDone = false;
  for (let k = 1; !isDone; k++) {
    const fileSystem = prepare(true);
    const total = fileSystem.operations + k;
    fileSystem.failAt(total, errno);
    const outcome = await download(fileSystem);
    isDone = fileSystem.operations < total;
    expect(fileSystem.openFiles).toBe(0);
    if (!(outcome instanceof GlanceError)) expect(shown(fileSystem)).toBe('whole');
    else if (!outcome.message.includes('it is in place and verified')) expect(shown(fileSystem)).toBe('old');
    if (!isDone) await expectFinish(fileSystem);
  }
});

it('keeps nothing after a break, and says so', async () => {
  const fileSystem = prepare(true);
  const glance = new SimGlance(data);
  glance.cutAfter = data.length / 2;
  const outcome = await download(fileSystem, glance);
  expect(outcome).toMatchObject({ code: 'net.reset' });
  expect((outcome as GlanceError).facts.partial).toBeUndefined();
  expect([...fileSystem.files().keys()]).toEqual([simTarget]);
  expect(shown(fileSystem)).toBe('old');
});

it('writes to no part that somebody else may write to', async () => {
  const fileSystem = prepare(false);
  const glance = new SimGlance(data);
  const names = new Set<string>();
  glance.onPiece = (piece) => {
    for (const name of fileSystem.files().keys()) names.add(name);
    return piece;
  };
  await download(fileSystem, glance);
  const again = prepare(false);
  glance.onPiece = (piece) => {
    for (const name of again.files().keys()) names.add(name);
    return piece;
  };
  await download(again, glance);
  expect([...names]).toHaveLength(2);
});
