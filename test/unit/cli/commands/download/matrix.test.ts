// What can go wrong, when, on which store, in which framing, to which target, through which door: in a proof every combination is
// run, otherwise enough of them that any two of these meet; then the same again on a store that behaves. The oracle is the same
// for all of them.
import { createCipheriv } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as retry from '../../../../../src/retry.ts';
import * as pieceSizes from '../../../../../src/transfer/piece-sizes.ts';
import { type Door, doorsOn, type Outcome } from '../../../../support/doors.ts';
import type { FaultAction } from '../../../../support/faults/fault-actions.ts';
import { type Framing, type RangeSupport, startStore, storeImage } from '../../../../support/servers/store.ts';
import { replaceExports } from '../../../../support/replace-exports.ts';
import { tempDir } from '../../../../support/temp-dir.ts';
import { isProof, worlds } from '../../../../support/thoroughness.ts';

/** Sizes outside of a proof, in which a connection gets kilobytes instead of megabytes. */
const scale = isProof ? 1 : 1 / 16;
replaceExports(pieceSizes, {
  leastPieceBytes: pieceSizes.leastPieceBytes * scale,
  mostPieceBytes: pieceSizes.mostPieceBytes * scale,
});
replaceExports(retry, { progressThreshold: retry.progressThreshold * scale });

const makeData = (size: number): Buffer =>
  createCipheriv('aes-128-ctr', Buffer.alloc(16, 5), Buffer.alloc(16)).update(Buffer.alloc(size));
const data = makeData(150_000);
/** Enough for several connections to have something to fetch: two pieces and a quarter. */
const largeData = makeData(9 * 1024 * 1024 * scale);

const phasesOf = (size: number): Readonly<Record<string, number>> => ({
  'before the first byte': 0,
  'after the first byte': 1,
  'in the middle': Math.floor(size / 2),
  'before the last byte': size - 1,
});

/** What passes and what does not: nothing else distinguishes statuses here, except that 429 names its own wait. */
const statuses = isProof
  ? [408, 429, 500, 502, 503, 504, 520, 401, 403, 404, 409, 410, 501]
  : [429, 503, 401, 404, 410];

const statusOf = (status: number): FaultAction =>
  status === 429 ? { type: 'status', status, headers: [['Retry-After', '0']] } : { type: 'status', status };

/** Each fault at each moment that it can hit data of that size. */
const faultsOf = (
  size: number,
  phases: readonly string[] = Object.keys(phasesOf(size)),
): readonly (readonly [name: string, fault: FaultAction])[] => [
  ...Object.entries(phasesOf(size))
    .filter(([when]) => phases.includes(when))
    .flatMap(([when, after]) => [
      [`a reset ${when}`, { type: 'reset', afterBytes: after }] as const,
      [`an end ${when}`, { type: 'cut', afterBytes: after }] as const,
      [`a flipped bit ${when}`, { type: 'flip', offset: after }] as const,
    ]),
  ...statuses.map((status) => [String(status), statusOf(status)] as const),
  ['a page instead of data', { type: 'html' }],
  ['one byte too many', { type: 'extra', bytes: 1 }],
  ['another range than requested', { type: 'otherRange' }],
  ['a range without Content-Range', { type: 'unnamedRange' }],
  ['ranges that end early', { type: 'shortRange', bytes: Math.floor(size / 4) }],
];

const stores: readonly RangeSupport[] = ['works', 'refused', 'ignored'];
const framings: readonly Framing[] = ['length', 'chunked', 'close'];
/** How often it happens; a run tries three times. Resume: permanently, but only when a run resumes an earlier one. */
const moments = ['once', 'twice', 'always', 'resume'] as const;
const times = { once: 1, twice: 2, always: Infinity, resume: Infinity } as const;
const targets = ['file', 'pipe', 'ranges'] as const;

interface Case {
  readonly fault: FaultAction;
  readonly ranges: RangeSupport;
  readonly framing: Framing;
  readonly moment: (typeof moments)[number];
  /** Ranges: a file, over three connections. */
  readonly target: (typeof targets)[number];
  readonly doors: readonly Door[];
}

/**
 * Whether a case is among the few that stand for all: each fault meets every store, moment, framing, target and door, combined
 * differently for each, so that any two values meet.
 */
function isChosen({ ranges, framing, moment, target }: Omit<Case, 'doors'>, number: number): boolean {
  const turn = moments.indexOf(moment);
  if (target === 'ranges') {
    const [row, column] = [Math.floor(number / moments.length), number % moments.length];
    return turn === column && pick(stores, row + column) === ranges;
  }
  const isInTurn = pick(stores, turn + number) === ranges && pick(targets.slice(0, 2), turn + number) === target;
  return isInTurn && pick(framings, 2 * turn + number + Math.floor(number / 3)) === framing;
}

/** The turn of a case, by which doors alternate so that each meets all other values. */
function turnOf({ moment, target }: Omit<Case, 'doors'>, number: number): number {
  return Math.floor(target === 'ranges' ? number / moments.length : moments.indexOf(moment) / 2 + number);
}

const pick = <T>(list: readonly T[], turn: number): T => list[turn % list.length] as T;

/** @param number place of the fault among all */
const casesOf = (fault: FaultAction, number: number, target: Case['target'], framing: Framing): readonly Case[] =>
  stores
    .flatMap((ranges) => moments.map((moment) => ({ fault, ranges, framing, moment, target })))
    .filter((each) => isProof || isChosen(each, number))
    .map((each) => ({ ...each, doors: doorsOn(turnOf(each, number)) }));

const toFileAndPipe = (fault: FaultAction, number: number): readonly Case[] =>
  (['file', 'pipe'] as const).flatMap((target) =>
    framings.flatMap((framing) => casesOf(fault, number, target, framing)),
  );

/** What must hold after any run at all. */
async function expectInvariants(outcome: Outcome, cwd: string, { target }: Case, whole: Buffer): Promise<void> {
  const { failure, record, piped } = outcome;
  const names = await readdir(cwd);
  const file = await readFile(join(cwd, 'f'));
  if (failure === null) {
    expect((target === 'pipe' ? piped : file).equals(whole)).toBe(true);
    expect(names).toEqual(['f']);
    const success = { outcome: 'downloaded', path: join(cwd, 'f'), bytes: whole.length, verified: true };
    if (target !== 'pipe') expect(record).toMatchObject(success);
    return;
  }
  // The old file is unchanged; apart from it, there is at most what a later run can resume from, and the error reports that.
  expect(file.toString()).toBe('old');
  expect(failure.image).toBe(storeImage);
  const left = names.filter((name) => name !== 'f').toSorted();
  expect(left).toHaveLength(failure.partial === null ? 0 : 2);
  expect(left.every((name) => /^\.f\.[0-9a-f]{12}\.part(?:\.json)?$/.test(name))).toBe(true);
  if (failure.partial !== null) expect(failure.partial.path).toBe(join(cwd, left[0] ?? ''));
  // What a pipe received is the beginning of the image, unless a digest that does not match says otherwise.
  const isKnownBad = failure.code.startsWith('integrity.');
  expect(isKnownBad || piped.equals(whole.subarray(0, piped.length))).toBe(true);
}

/** What has to be the same at every door. How much comes before a reset is chance, and which of several connections is first. */
function comparable({ failure, record }: Outcome, asked: readonly string[], { fault, target }: Case): object {
  const isChance = fault.type === 'reset' || target === 'ranges';
  return {
    code: failure?.code,
    status: failure?.http_status,
    digests: record?.digests,
    ...(!isChance && { attempts: failure?.attempts, kept: failure?.partial?.bytes, asked: [...asked] }),
    ...(!isChance && { resumedFrom: record?.resumed_from, retries: record?.retries }),
  };
}

/** @returns what came of each run */
async function runCase(each: Case, door: Door): Promise<readonly object[]> {
  const { fault, ranges, framing, moment, target } = each;
  const whole = target === 'ranges' ? largeData : data;
  const cwd = await tempDir();
  await writeFile(join(cwd, 'f'), 'old');
  const store = await startStore({ data: whole, ranges, framing });
  const how = { url: store.url, cwd, file: target === 'pipe' ? null : 'f', connections: target === 'ranges' ? 3 : 1 };
  const runs: object[] = [];
  /** @returns whether it succeeded */
  const run = async (retries: number): Promise<boolean> => {
    const outcome = await door.download({ ...how, retries });
    await expectInvariants(outcome, cwd, each, whole);
    runs.push(comparable(outcome, store.asked, each));
    return outcome.failure === null;
  };
  if (moment === 'resume') {
    store.become({ fault: { type: 'cut', afterBytes: Math.floor(whole.length * 0.4) }, framing: 'length' });
    await run(0);
  }
  store.become({ fault, framing, times: times[moment] });
  const isDone = await run(2);
  store.become({ times: 0 });
  if (!isDone) expect(await run(2)).toBe(true);
  return runs;
}

/** At every door of each case, and the same there. */
async function expectPromisesKept(cases: readonly Case[], count: number): Promise<void> {
  expect(cases).toHaveLength(count);
  for (const each of cases) {
    let before: readonly object[] | null = null;
    for (const door of each.doors) {
      const runs = await runCase(each, door);
      expect(runs).toEqual(before ?? runs);
      before = runs;
    }
  }
}

const largeFaults = faultsOf(largeData.length, isProof ? undefined : ['in the middle']);

/** With their places. */
const numbered = (faults: ReturnType<typeof faultsOf>) =>
  faults.map(([name, fault], number) => [name, fault, number] as const);

describe('a download that meets', () => {
  it.each(numbered(faultsOf(data.length)))(
    '%s keeps every promise, on each store, in each framing, to a file and a pipe',
    async (_name, fault, number) => {
      await expectPromisesKept(toFileAndPipe(fault, number), worlds(4, 72));
    },
  );

  it.each(numbered(largeFaults))('%s keeps every promise with three connections', async (_name, fault, number) => {
    await expectPromisesKept(casesOf(fault, number, 'ranges', 'length'), worlds(1, 12));
  });
});

/** Every two values of different columns are in a row together. */
function expectPairs(rows: readonly (readonly unknown[])[]): void {
  const columns = [...(rows[0]?.keys() ?? [])];
  const valuesOf = (column: number) => new Set(rows.map((row) => row[column]));
  for (const first of columns) {
    for (const second of columns.slice(first + 1)) {
      const pairs = new Set(rows.map((row) => `${String(row[first])}, ${String(row[second])}`));
      expect(pairs.size).toBe(valuesOf(first).size * valuesOf(second).size);
    }
  }
}

it('tries any two of fault, moment, store, framing, target and door together', () => {
  const rows = numbered(faultsOf(data.length)).flatMap(([fault, action, number]) =>
    toFileAndPipe(action, number).flatMap(({ moment, ranges, framing, target, doors }) =>
      doors.map(({ name }) => [fault, moment, ranges, framing, target, name]),
    ),
  );
  expectPairs(rows);
});

it('tries any two of moment, store and door together with three connections', () => {
  const rows = numbered(largeFaults).flatMap(([_name, action, number]) =>
    casesOf(action, number, 'ranges', 'length').flatMap(({ moment, ranges, doors }) =>
      doors.map(({ name }) => [moment, ranges, name]),
    ),
  );
  expectPairs(rows);
});
