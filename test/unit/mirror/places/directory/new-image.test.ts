// A small image in a new directory of a mirror: nothing of it is on disk before it is verified, and its record is written last.
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { GlanceError } from '../../../../../src/errors.ts';
import { NewImage } from '../../../../../src/mirror/places/directory/new-image.ts';
import type { DownloadResult } from '../../../../../src/transfer/download-options.ts';
import { storeFiles } from '../../../../../src/transfer/files/store-files.ts';
import { seeded, simData, SimGlance, simTarget } from '../../../../support/sim/sim-download.ts';
import { SimFs } from '../../../../support/sim/sim-fs.ts';
import { watchGlance } from '../../../../support/sim/sim-steps.ts';
import { watchFs } from '../../../../support/sim/watched-fs.ts';

const data = simData(1, 3);
const directory = dirname(simTarget);
const beside = ['digests.json', 'image.json'].map((name) => ({
  name,
  temporary: `.${name}.tmp`,
  content: `text of ${name}`,
  mode: 0o644,
}));

async function take(fileSystem: SimFs, glance = new SimGlance(data)): Promise<DownloadResult | GlanceError> {
  const { source, options } = watchGlance(glance);
  return await new NewImage(simTarget, fileSystem).take(source, options).catch(orError);
}

/** The data, then the files that belong beside it, as a mirror writes them. */
async function complete(fileSystem: SimFs): Promise<GlanceError | null> {
  const taken = await take(fileSystem);
  if (taken instanceof GlanceError) return taken;
  return await storeFiles(fileSystem, directory, beside)
    .then(() => null)
    .catch(orError);
}

function orError(error: unknown): GlanceError {
  if (error instanceof GlanceError) return error;
  throw error;
}

function names(fileSystem: SimFs): readonly string[] {
  return [...fileSystem.files().keys()];
}

/** Whether the image has no record, or is complete. */
function isSound(fileSystem: SimFs): boolean {
  const files = fileSystem.files();
  const found = beside.map(({ name }) => files.get(`${directory}/${name}`)?.toString());
  if (found[1] === undefined) return true;
  return files.get(simTarget)?.equals(data) === true && found.every((text, index) => text === beside[index]?.content);
}

it('is not written before it is verified, then takes few steps', async () => {
  const fileSystem = new SimFs();
  const disk: string[] = [];
  const glance = new SimGlance(data);
  const { source, options, events } = watchGlance(glance);
  const during: number[] = [];
  const { onPiece } = glance;
  glance.onPiece = (piece, start) => {
    during.push(disk.length);
    return onPiece(piece, start);
  };
  const result = await new NewImage(
    simTarget,
    watchFs(fileSystem, simTarget, (step) => disk.push(step)),
  ).take(source, options);
  expect(result).toMatchObject({ outcome: 'downloaded', bytes: data.length, verifiedBy: 'sha256', resumedFrom: 0 });
  expect(during).toEqual(during.map(() => 0));
  expect(events.slice(-3)).toEqual(['approve', 'sync', `done ${data.length} 4`]);
  expect(disk.map((step) => step.replace(/\.image\.raw\.[0-9a-f]{12}\.part/, 'part'))).toEqual([
    'open part to write, new 666',
    `write part ${data.length}/${data.length} at 0`,
    'sync part',
    'close part',
    'rename part to image.raw',
    'sync directory /d',
  ]);
  expect(fileSystem.files().get(simTarget)?.equals(data)).toBe(true);
});

it('has a record only with all of its data and digests, whenever the power fails', async () => {
  let isDone = false;
  for (let k = 1; !isDone; k++) {
    for (let sample = 0; sample < 5; sample++) {
      const fileSystem = new SimFs();
      fileSystem.cutAt(k);
      isDone = (await complete(fileSystem)) === null;
      const after = fileSystem.crash(seeded(k * 100 + sample));
      expect(isSound(after)).toBe(true);
      if (isDone) expect(names(after).toSorted()).toEqual(names(fileSystem).toSorted());
    }
  }
});

it.each(['EIO', 'ENOSPC'])(
  'leaves no unfinished file when an operation fails with %s, whichever it is',
  async (errno) => {
    let isDone = false;
    for (let k = 1; !isDone; k++) {
      const fileSystem = new SimFs();
      fileSystem.failAt(k, errno);
      await complete(fileSystem);
      isDone = fileSystem.operations < k;
      expect(fileSystem.openFiles).toBe(0);
      expect(isSound(fileSystem)).toBe(true);
      expect(names(fileSystem).filter((name) => /\.(?:part|tmp)$/.test(name))).toEqual([]);
    }
  },
);

it('leaves nothing after a break or wrong data, and says so', async () => {
  const fileSystem = new SimFs();
  const breaking = new SimGlance(data);
  breaking.cutAfter = data.length / 2;
  const broken = await take(fileSystem, breaking);
  expect(broken).toMatchObject({ code: 'net.reset' });
  expect((broken as GlanceError).facts.partial).toBeUndefined();
  const lying = new SimGlance(data);
  lying.onPiece = (piece) => Buffer.alloc(piece.length);
  expect(await take(fileSystem, lying)).toMatchObject({ code: 'integrity.digest' });
  expect([names(fileSystem), fileSystem.operations]).toEqual([[], 0]);
});

it.each([
  ['with another one of the same size', 3],
  ['with a smaller one', 1],
])('is fetched again if it was replaced %s before it was requested', async (_what, segments) => {
  const fileSystem = new SimFs();
  const glance = new SimGlance(data);
  const replacement = simData(2, segments);
  const { source, options, events } = watchGlance(glance);
  glance.onOpen = () => void (glance.data = replacement);
  const result = await new NewImage(simTarget, fileSystem).take(source, { ...options, retry: { retries: 1 } });
  expect([result.bytes, result.verifiedBy]).toEqual([replacement.length, 'sha256']);
  expect(fileSystem.files().get(simTarget)?.equals(replacement)).toBe(true);
  expect(events.filter((event) => event.startsWith('restart'))).toEqual([expect.stringContaining('integrity.changed')]);
});

it('is left for the next run if it was replaced with one that is not small', async () => {
  const fileSystem = new SimFs();
  const glance = new SimGlance(data);
  const { source, options } = watchGlance(glance);
  glance.onOpen = () => void (glance.data = simData(2, 20));
  await expect(new NewImage(simTarget, fileSystem).take(source, options)).rejects.toMatchObject({
    code: 'integrity.changed',
    message: 'image: the image was replaced during the download',
  });
  expect(names(fileSystem)).toEqual([]);
});

it('is not requested if there is no room for it', async () => {
  const fileSystem = Object.assign(new SimFs(), { freeBytes: () => Promise.resolve(data.length - 1) });
  const glance = new SimGlance(data);
  const { source, options, events } = watchGlance(glance);
  await expect(new NewImage(simTarget, fileSystem).take(source, options)).rejects.toMatchObject({ code: 'io.nospace' });
  expect(events).toEqual([]);
});

it('is fetched again after a break, if that is allowed', async () => {
  const fileSystem = new SimFs();
  const glance = new SimGlance(data);
  glance.cutAfter = data.length / 2;
  const { source, options } = watchGlance(glance);
  const retry = { retries: 1 };
  const result = await new NewImage(simTarget, fileSystem).take(source, { ...options, retry });
  expect([result.retries, result.bytes]).toEqual([1, data.length]);
  expect(fileSystem.files().get(simTarget)?.equals(data)).toBe(true);
});
