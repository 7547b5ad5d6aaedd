// Whatever happens to a download, in whatever order: what the user finds is what a model of a few lines predicts. Sequences of
// commands are generated at random and, when one reveals a fault, made as short as possible.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GlanceError } from '../../../src/errors.ts';
import type { DownloadResult } from '../../../src/transfer/download-options.ts';
import {
  seeded,
  segment,
  simData,
  simDownload,
  SimGlance,
  simTarget,
  type StoreKind,
} from '../../support/sim/sim-download.ts';
import { SimFs } from '../../support/sim/sim-fs.ts';
import { worlds } from '../../support/thoroughness.ts';

/** A version of the image, a foreign file, or nothing. */
type Target = number | 'foreign' | null;

/** What is expected of the world. */
interface Model {
  /** Version of the image that Glance has. */
  version: number;
  /** What has the target's name. */
  target: Target;
  /** What may have it again after a power cut: nobody reported that the last change was done. */
  unsettled: Target[];
  /** Bytes from which a later run continues; null if nobody can say. */
  kept: number | null;
}

interface World {
  fileSystem: SimFs;
  readonly glance: SimGlance;
}

const segments = 6;
const foreign = Buffer.from('what somebody else put there');
const bystanders = new Map([
  [`${simTarget}.part`, Buffer.from('of another program')],
  [simTarget.replace('/d/', '/d/.'), Buffer.from('a hidden file')],
  [simTarget.replace('/d/', '/d/.').replace('.raw', '.raw.0123456789ab.partial'), Buffer.from('almost ours')],
]);
const ourNames = /^\/d\/\.image\.raw\.[0-9a-f]{12}\.part(?:\.json(?:\.tmp)?)?$/;

function isThere(fileSystem: SimFs, target: Target): boolean {
  const actual = fileSystem.files().get(simTarget);
  if (target === null) return actual === undefined;
  return actual?.equals(target === 'foreign' ? foreign : simData(target, segments)) === true;
}

function expectWorld(model: Model, { fileSystem }: World): void {
  const files = fileSystem.files();
  expect(isThere(fileSystem, model.target)).toBe(true);
  for (const [path, content] of bystanders) expect(files.get(path)?.equals(content)).toBe(true);
  const others = [...files.keys()].filter((path) => path !== simTarget && !bystanders.has(path));
  expect(others.filter((path) => !ourNames.test(path))).toEqual([]);
}

function expectDone(model: Model, world: World): void {
  model.target = model.version;
  model.unsettled = [];
  model.kept = 0;
  expectWorld(model, world);
  expect([...world.fileSystem.files().keys()].toSorted()).toEqual([simTarget, ...bystanders.keys()].toSorted());
}

type Outcome = DownloadResult | GlanceError;

async function outcomeOf(world: World, force: boolean, retries = 0): Promise<Outcome> {
  world.glance.sent = 0;
  try {
    return await simDownload(world.fileSystem, world.glance, { force, retries });
  } catch (error) {
    if (error instanceof GlanceError) return error;
    throw error;
  }
}

/** A download that ended as it was meant to, or was refused because of what is in its way. @returns whether it was refused */
function isRefused(outcome: Outcome, model: Model, force: boolean): boolean {
  const isInTheWay = model.target !== null && model.target !== model.version && !force;
  if (isInTheWay) expect(outcome).toMatchObject({ code: 'io.exists' });
  return isInTheWay;
}

type Command = fc.AsyncCommand<Model, World>;

function command(name: string, run: (model: Model, world: World) => Promise<void> | void): Command {
  return {
    check: () => true,
    run: async (model, world) => {
      await run(model, world);
      expectWorld(model, world);
    },
    toString: () => name,
  };
}

function word(force: boolean): string {
  return force ? ' --force' : '';
}

function download(force: boolean): Command {
  return command(`download${word(force)}`, async (model, world) => {
    const isCurrent = model.target === model.version;
    const outcome = await outcomeOf(world, force);
    if (isRefused(outcome, model, force)) return;
    expect(outcome).toMatchObject({ outcome: isCurrent ? 'current' : 'downloaded', verifiedBy: 'sha256' });
    const { sent, store, data } = world.glance;
    // What a power cut brought back may be wrong: then everything is fetched once more.
    expect(sent).toBeLessThanOrEqual(isCurrent ? 0 : 2 * data.length);
    if (!isCurrent && model.kept !== null) {
      expect(outcome).toMatchObject({ resumedFrom: model.kept });
      const isAllThere = store === 'works' || model.kept === data.length;
      expect(sent).toBe(isAllThere ? data.length - model.kept : data.length);
    }
    expectDone(model, world);
  });
}

/** The connection breaks once. */
function broken(after: number, force: boolean): Command {
  return command(`broken after ${String(after)}${word(force)}`, async (model, world) => {
    const { outcome, isCut } = await cut(world, after, force, 0, () => undefined);
    if (isRefused(outcome, model, force)) return;
    if (!isCut) {
      expect(outcome).toMatchObject({ verifiedBy: 'sha256' });
      expectDone(model, world);
      return;
    }
    const { sent, store } = world.glance;
    if (model.kept !== null) model.kept = store === 'works' ? model.kept + sent : Math.max(model.kept, sent);
    expect(outcome).toMatchObject({ code: 'net.reset' });
    if (model.kept !== null) expect((outcome as GlanceError).facts.partial?.bytes ?? 0).toBe(model.kept);
  });
}

/** The connection breaks once, and by then the image has been replaced. */
function replaced(after: number, force: boolean): Command {
  return command(`replaced after ${String(after)}${word(force)}`, async (model, world) => {
    const before = { ...model };
    const { outcome } = await cut(world, after, force, 1, () => replace(model, world));
    if (isRefused(outcome, before, force)) return;
    expect(outcome).toMatchObject({ verifiedBy: 'sha256' });
    expectDone(model, world);
  });
}

async function cut(
  world: World,
  after: number,
  force: boolean,
  retries: number,
  onCut: () => void,
): Promise<{ outcome: Outcome; isCut: boolean }> {
  let isCut = false;
  world.glance.cutAfter = after;
  world.glance.onCut = () => {
    isCut = true;
    onCut();
  };
  const outcome = await outcomeOf(world, force, retries);
  world.glance.cutAfter = Infinity;
  return { outcome, isCut };
}

/** One byte arrives wrong, once. */
function garbled(at: number, force: boolean): Command {
  return command(`byte ${String(at)} arrives wrong${word(force)}`, async (model, world) => {
    let isWrong = false;
    world.glance.onPiece = (piece, start) => {
      if (isWrong || at < start || at >= start + piece.length) return piece;
      isWrong = true;
      const wrong = Buffer.from(piece);
      wrong[at - start] = (wrong[at - start] ?? 0) + 1;
      return wrong;
    };
    const outcome = await outcomeOf(world, force);
    world.glance.onPiece = (piece) => piece;
    if (isRefused(outcome, model, force)) return;
    // On top of what an earlier run left, everything is fetched once more.
    const isMended = !isWrong || (!(outcome instanceof GlanceError) && model.kept !== 0);
    if (isMended) {
      expect(outcome).toMatchObject({ verifiedBy: 'sha256' });
      expectDone(model, world);
      return;
    }
    expect(model.kept === null || model.kept === 0).toBe(true);
    expect(outcome).toMatchObject({ code: 'integrity.digest' });
    expect((outcome as GlanceError).facts.partial).toBe(undefined);
    model.kept = 0;
  });
}

/** Somebody puts a file there during the download. */
function overtaken(after: number, force: boolean): Command {
  return command(`somebody is faster after ${String(after)}${word(force)}`, async (model, world) => {
    const wasInTheWay = model.target !== null && model.target !== model.version && !force;
    let isFaster = false;
    world.glance.onPiece = (piece, start) => {
      if (!isFaster && start >= after) {
        isFaster = true;
        putForeign(model, world);
      }
      return piece;
    };
    const outcome = await outcomeOf(world, force);
    world.glance.onPiece = (piece) => piece;
    if (wasInTheWay || (isFaster && !force)) {
      expect(outcome).toMatchObject({ code: 'io.exists' });
      if (isFaster) model.kept = (outcome as GlanceError).facts.partial?.bytes ?? 0;
      return;
    }
    expect(outcome).toMatchObject({ verifiedBy: 'sha256' });
    expectDone(model, world);
  });
}

/** The process is killed, the power fails, or the disk fails, at an operation. */
function stopped(
  how: 'kill' | 'power cut' | 'EIO' | 'EROFS',
  operation: number,
  seed: number,
  force: boolean,
): Command {
  return command(`${how} at ${String(operation)} (seed ${String(seed)})${word(force)}`, async (model, world) => {
    const before = model.target;
    const at = world.fileSystem.operations + operation;
    if (how === 'kill' || how === 'power cut') world.fileSystem.cutAt(at);
    else world.fileSystem.failAt(at, how);
    const outcome = await outcomeOf(world, force);
    world.fileSystem.revive();
    if (how === 'power cut') world.fileSystem = world.fileSystem.crash(seeded(seed));
    const possible = [model.version, before, ...(how === 'power cut' ? model.unsettled : [])];
    const found = possible.find((target) => isThere(world.fileSystem, target));
    const isInPlace = found === model.version;
    model.target = found ?? before;
    model.unsettled = how === 'power cut' ? [] : [...model.unsettled, before];
    model.kept = null;
    if (!(outcome instanceof GlanceError)) {
      expect(isInPlace).toBe(true);
      model.unsettled = [];
      return;
    }
    expect(outcome.code).toMatch(/^io\./);
    // A failure must not come with a finished file, except for the one that says so.
    const isSurprise = isInPlace && before !== model.version && (how === 'EIO' || how === 'EROFS');
    if (isSurprise) expect(outcome.message).toContain('it is in place and verified');
  });
}

/** Somebody else fills the disk, and makes room afterwards. */
function full(room: number, force: boolean): Command {
  return command(`room for ${String(room)}${word(force)}`, async (model, world) => {
    world.fileSystem.limit(room);
    const outcome = await outcomeOf(world, force);
    world.fileSystem.limit(Infinity);
    if (isRefused(outcome, model, force)) return;
    if (outcome instanceof GlanceError) {
      expect(outcome.code).toBe('io.nospace');
      model.kept = outcome.facts.partial?.bytes ?? 0;
    } else expectDone(model, world);
  });
}

function replace(model: Model, { glance }: World): void {
  model.version += 1;
  model.kept = 0;
  glance.data = simData(model.version, segments);
}

function putForeign(model: Model, { fileSystem }: World): void {
  model.target = 'foreign';
  model.unsettled = [];
  fileSystem.put(simTarget, foreign);
}

function position(): fc.Arbitrary<number> {
  return fc.nat(segments * segment + 77);
}

/** Changes one byte of a file of ours, if there is one. */
function damage({ fileSystem }: World, pattern: RegExp, at: number): void {
  for (const [path, content] of fileSystem.files()) {
    if (!pattern.test(path) || content.length === 0) continue;
    const damaged = Buffer.from(content);
    damaged[at % damaged.length] = (damaged[at % damaged.length] ?? 0) + 1;
    fileSystem.put(path, damaged);
  }
}

/** What may happen between downloads. */
const happenings = [
  fc.constant(command('the image is replaced', replace)),
  fc.constantFrom<StoreKind>('works', 'refused', 'ignored').map((store) =>
    command(`ranges: ${store}`, (_model, { glance }) => {
      glance.store = store;
    }),
  ),
  position().map((at) =>
    command(`byte ${String(at)} of the part rots`, (model, world) => {
      model.kept = null;
      damage(world, /[0-9a-f]{12}\.part$/, at);
    }),
  ),
  position().map((at) =>
    command(`byte ${String(at)} of the record rots`, (model, world) => {
      model.kept = null;
      damage(world, /[0-9a-f]{12}\.part\.json$/, at);
    }),
  ),
  fc.constant(command('somebody puts a file there', putForeign)),
  fc.constant(
    command('somebody takes the file away', (model, { fileSystem }) => {
      model.target = null;
      model.unsettled = [];
      fileSystem.remove(simTarget);
    }),
  ),
];

const downloads = [
  fc.boolean().map(download),
  fc.tuple(position(), fc.boolean()).map(([after, force]) => broken(after, force)),
  fc.tuple(position(), fc.boolean()).map(([after, force]) => replaced(after, force)),
  fc.tuple(position(), fc.boolean()).map(([room, force]) => full(room, force)),
  fc.tuple(position(), fc.boolean()).map(([at, force]) => garbled(at, force)),
  fc.tuple(position(), fc.boolean()).map(([after, force]) => overtaken(after, force)),
  fc
    .tuple(
      fc.constantFrom('kill', 'power cut', 'EIO', 'EROFS'),
      fc.integer({ min: 1, max: 90 }),
      fc.nat(),
      fc.boolean(),
    )
    .map((all) => stopped(...all)),
];

it('ends as the model predicts, whatever happens in between, and always finishes', async () => {
  const sequences = fc.commands([...downloads, ...downloads, ...happenings], { size: 'medium', maxCommands: 12 });
  await fc.assert(
    fc.asyncProperty(sequences, async (sequence) => {
      const model: Model = { version: 1, target: null, unsettled: [], kept: 0 };
      const world: World = { fileSystem: new SimFs(), glance: new SimGlance(simData(1, segments)) };
      for (const [path, content] of bystanders) world.fileSystem.put(path, content);
      await fc.asyncModelRun(() => ({ model, real: world }), sequence);
      // A final one, undisturbed.
      await download(true).run(model, world);
    }),
    { numRuns: worlds(50, 1000) },
  );
});
