// The power is cut once at every operation on the disk, or the operation fails once; what the disk then contains is chosen many
// times over, and the same download is run again. The target must never show anything but the old file or the whole image.
import { describe, expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadResult } from '../../../src/transfer/download-options.ts';
import { seeded, simData, simDownload, SimGlance, simTarget, type StoreKind } from '../../support/sim/sim-download.ts';
import { PowerCut, SimFs } from '../../support/sim/sim-fs.ts';
import { isProof, worlds } from '../../support/thoroughness.ts';

const segments = 10;
const data = simData(1, segments);
const old = Buffer.from('what stood there before');
const stores: readonly StoreKind[] = ['works', 'refused', 'ignored'];

/** What is there when the download starts: whether a file is to be replaced, and whether an earlier run left something. */
interface Scene {
  readonly hasOld: boolean;
  readonly hasPart: boolean;
  readonly store: StoreKind;
  readonly hasLinks: boolean;
}

function nameOf({ hasOld, hasPart, store, hasLinks }: Scene): string {
  const what = hasOld ? 'a file that is replaced' : 'a new file';
  return `${what}, ${hasPart ? 'resumed' : 'from the start'}, ranges: ${store}${hasLinks ? '' : ', without links'}`;
}

const scenes: readonly (readonly [name: string, scene: Scene])[] = [
  ...[false, true].flatMap((hasOld) =>
    [false, true].flatMap((hasPart) => stores.map((store) => ({ hasOld, hasPart, store, hasLinks: true }))),
  ),
  // Only a new name needs a link.
  { hasOld: false, hasPart: false, store: 'works', hasLinks: false } as const,
  { hasOld: false, hasPart: true, store: 'works', hasLinks: false } as const,
].map((scene) => [nameOf(scene), scene]);

/** A disk for that scene. Operations are counted from here. */
async function prepare({ hasOld, hasPart, store, hasLinks }: Scene): Promise<SimFs> {
  const fileSystem = new SimFs(new Map(), hasLinks);
  if (hasOld) fileSystem.put(simTarget, old);
  if (hasPart) {
    const glance = new SimGlance(data, store);
    glance.cutAfter = data.length / 2;
    await expect(simDownload(fileSystem, glance, { force: hasOld })).rejects.toMatchObject({ code: 'net.reset' });
  }
  return fileSystem;
}

function download(fileSystem: SimFs, { hasOld, store }: Scene): Promise<DownloadResult> {
  return simDownload(fileSystem, new SimGlance(data, store), { force: hasOld });
}

/** Operations that a download of that scene takes. */
async function countOperations(scene: Scene): Promise<number> {
  const fileSystem = await prepare(scene);
  const before = fileSystem.operations;
  await download(fileSystem, scene);
  return fileSystem.operations - before;
}

function isOld(fileSystem: SimFs, { hasOld }: Scene): boolean {
  const target = fileSystem.files().get(simTarget);
  return hasOld ? target?.equals(old) === true : target === undefined;
}

/** Without links a name can only be claimed by an empty file, which a killed run then leaves behind. */
function isClaimed(fileSystem: SimFs, { hasLinks }: Scene): boolean {
  return !hasLinks && fileSystem.files().get(simTarget)?.length === 0;
}

function isWhole(fileSystem: SimFs): boolean {
  return fileSystem.files().get(simTarget)?.equals(data) === true;
}

/** Runs it again, with nothing in its way: it succeeds, and nothing but the target is left. */
async function expectFinish(fileSystem: SimFs, scene: Scene): Promise<void> {
  expect(await download(fileSystem, scene)).toMatchObject({ verifiedBy: 'sha256' });
  expect([...fileSystem.files().keys()]).toEqual([simTarget]);
  expect(isWhole(fileSystem)).toBe(true);
}

/** The last two differ from the others only in name. */
const failures: readonly (readonly [errno: string, code: string])[] = [
  ['EIO', 'io.error'],
  ['ENOSPC', 'io.nospace'],
  ['EDQUOT', 'io.nospace'],
  ['EROFS', 'io.readonly'],
];

describe.each(scenes)('%s', (_what, scene) => {
  const number = scenes.findIndex(([, each]) => each === scene);

  it('a power cut at any operation leaves the old file or the complete image, and the next run finishes', async () => {
    const count = await countOperations(scene);
    expect(count).toBeGreaterThan(20);
    // Scenes take turns, each trying every ninth operation.
    for (let k = isProof ? 1 : 1 + (number % 9); k <= count; k += worlds(9, 1)) {
      for (let sample = 0; sample < worlds(1, 3); sample++) {
        const fileSystem = await prepare(scene);
        fileSystem.cutAt(fileSystem.operations + k);
        const outcome = await settle(download(fileSystem, scene));
        const after = fileSystem.crash(seeded(k * 100 + sample));
        if (outcome instanceof Error) {
          expect(outcome.cause).toBeInstanceOf(PowerCut);
          expect(isOld(after, scene) || isWhole(after) || isClaimed(after, scene)).toBe(true);
        } else expect(isWhole(after)).toBe(true);
        await expectFinish(after, scene);
      }
    }
  });

  it.each(isProof || number === 0 ? failures : failures.slice(number % 2, 1 + (number % 2)))(
    'an operation that fails with %s, whichever it is, is reported as %s or does no harm',
    async (errno, code) => {
      const count = await countOperations(scene);
      let told = 0;
      for (let k = isProof ? 1 : 1 + (number % 8); k <= count; k += worlds(8, 1)) {
        const fileSystem = await prepare(scene);
        fileSystem.failAt(fileSystem.operations + k, errno);
        const outcome = await settle(download(fileSystem, scene));
        expect(fileSystem.openFiles).toBe(0);
        if (outcome instanceof Error) {
          told += 1;
          const isInPlace = outcome.message.includes('it is in place and verified');
          expect(outcome).toMatchObject({ code: isInPlace ? 'io.error' : code });
          const isUntouched = isOld(fileSystem, scene) || isClaimed(fileSystem, scene);
          expect(isInPlace ? isWhole(fileSystem) : isUntouched).toBe(true);
        } else expect(isWhole(fileSystem.crash(seeded(k)))).toBe(true);
        await expectFinish(fileSystem, scene);
      }
      expect(told).toBeGreaterThan(count / worlds(32, 4));
    },
  );

  it('is durable once it is reported as done', async () => {
    const fileSystem = await prepare(scene);
    await download(fileSystem, scene);
    for (let sample = 0; sample < 20; sample++) expect(isWhole(fileSystem.crash(seeded(sample)))).toBe(true);
  });
});

async function settle(run: Promise<DownloadResult>): Promise<DownloadResult | GlanceError> {
  try {
    return await run;
  } catch (error) {
    if (error instanceof GlanceError) return error;
    throw error;
  }
}

it.each(['EFBIG', 'EPERM', 'EMFILE'])(
  'a failure with %s before anything was fetched leaves nothing behind, and keeps an earlier part',
  async (errno) => {
    for (const hasPart of [false, true]) {
      const scene = { hasOld: true, hasPart, store: 'works', hasLinks: true } as const;
      for (let k = 1, isBegun = false; !isBegun; k++) {
        const fileSystem = await prepare(scene);
        const before = [...fileSystem.files().keys()];
        const glance = new SimGlance(data);
        fileSystem.failAt(fileSystem.operations + k, errno);
        const outcome = await settle(simDownload(fileSystem, glance, { force: true }));
        isBegun = glance.sent > 0;
        if (!isBegun) {
          expect(outcome).toBeInstanceOf(GlanceError);
          expect([...fileSystem.files().keys()]).toEqual(before);
        }
        expect(fileSystem.openFiles).toBe(0);
      }
    }
  },
);

it('resumes from what was durable', async () => {
  const scene = { hasOld: false, hasPart: false, store: 'works', hasLinks: true } as const;
  const fileSystem = await prepare(scene);
  fileSystem.cutAt(40);
  expect(await settle(download(fileSystem, scene))).toBeInstanceOf(GlanceError);
  const { resumedFrom } = await download(fileSystem.crash(seeded(1)), scene);
  expect(resumedFrom).toBeGreaterThan(0);
});

it('an existing name is made durable before it is called up to date', async () => {
  const scene = { hasOld: false, hasPart: false, store: 'works', hasLinks: true } as const;
  let fileSystem = await prepare(scene);
  // Killed as soon as the name was given, before anything could ensure that it is on the disk.
  for (let k = 1; !isWhole(fileSystem); k++) {
    fileSystem = await prepare(scene);
    fileSystem.cutAt(fileSystem.operations + k);
    expect(await settle(download(fileSystem, scene))).toBeInstanceOf(GlanceError);
  }
  fileSystem.revive();
  expect(await download(fileSystem, scene)).toMatchObject({ outcome: 'current' });
  for (let sample = 0; sample < 20; sample++) expect(isWhole(fileSystem.crash(seeded(sample)))).toBe(true);
});

it.each([
  ['EINVAL', true],
  ['EISDIR', true],
  ['EPERM', true],
  ['ENOTSUP', false],
  ['EIO', false],
])('a directory that answers a sync with %s: %s', async (errno, isLetPass) => {
  const scene = { hasOld: false, hasPart: false, store: 'works', hasLinks: true } as const;
  const fileSystem = await prepare(scene);
  fileSystem.syncDirectory = () => Promise.reject(Object.assign(new Error(errno), { code: errno }));
  const outcome = await settle(download(fileSystem, scene));
  expect(isWhole(fileSystem)).toBe(isLetPass);
  expect(outcome).toMatchObject(isLetPass ? { outcome: 'downloaded' } : { code: 'io.error' });
});
