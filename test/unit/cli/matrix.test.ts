// What can go wrong, when, on which store, in which framing, to which target: every combination is run, then the same command
// again on a store that behaves. The oracle is the same for all of them.
import { createCipheriv } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { ErrorCode } from '../../../src/errors.ts';
import { type CliResult, runCli } from '../../support/run-cli.ts';
import {
  type Framing,
  type RangeSupport,
  startStore,
  type Store,
  type StoreFault,
  storeImage,
} from '../../support/store.ts';
import { tempDir } from '../../support/temp-dir.ts';

const data = createCipheriv('aes-128-ctr', Buffer.alloc(16, 5), Buffer.alloc(16)).update(Buffer.alloc(150_000));
const phases = {
  'before the first byte': 0,
  'after the first byte': 1,
  'in the middle': 75_000,
  'before the last byte': 149_999,
};

/** Each fault at each moment it can befall. */
const faults: readonly (readonly [name: string, fault: StoreFault])[] = [
  ...Object.entries(phases).flatMap(([when, after]) => [
    [`a reset ${when}`, { type: 'reset', after }] as const,
    [`an end ${when}`, { type: 'end', after }] as const,
    [`a flipped bit ${when}`, { type: 'flip', at: after }] as const,
  ]),
  ...[408, 429, 500, 502, 503, 504, 520].map((status) => [String(status), { type: 'status', status }] as const),
  ...[401, 403, 404, 409, 410, 501].map((status) => [String(status), { type: 'status', status }] as const),
  ['a page instead of data', { type: 'html' }],
  ['a byte too many', { type: 'surplus' }],
  ['another range than asked for', { type: 'wrong-range' }],
  ['a range without its name', { type: 'no-range-header' }],
  ['ranges that end early', { type: 'short-range', bytes: 40_000 }],
];

const stores: readonly RangeSupport[] = ['works', 'refused', 'ignored'];
const framings: readonly Framing[] = ['length', 'chunked', 'close'];
/** Once: passing. Always: for good. Resume: only the run that goes on from an earlier one meets it. */
const moments = ['once', 'always', 'resume'] as const;
const targets = ['file', 'pipe'] as const;

interface Case {
  readonly fault: StoreFault;
  readonly ranges: RangeSupport;
  readonly framing: Framing;
  readonly moment: (typeof moments)[number];
  readonly target: (typeof targets)[number];
}

function casesOf(fault: StoreFault): readonly Case[] {
  return stores.flatMap((ranges) =>
    framings.flatMap((framing) =>
      moments.flatMap((moment) => targets.map((target) => ({ fault, ranges, framing, moment, target }))),
    ),
  );
}

async function download(store: Store, cwd: string, target: Case['target'], retries: number): Promise<CliResult> {
  const to = target === 'file' ? ['-o', 'f', '--force'] : [];
  const args = ['--endpoint', store.url, 'download', storeImage, ...to];
  return await runCli([...args, '--error-format', 'json', '--progress', 'none', '--retries', String(retries)], { cwd });
}

/** What must hold after any run at all. @returns whether it succeeded */
async function expectInvariants(result: CliResult, cwd: string, { target }: Case): Promise<boolean> {
  const names = await readdir(cwd);
  const file = await readFile(join(cwd, 'f'));
  if (result.code === 0) {
    expect((target === 'file' ? file : result.stdoutBytes).equals(data)).toBe(true);
    expect(names).toEqual(['f']);
    return true;
  }
  // The old file is as it was; of the rest there is at most what a later run can go on from, and the error tells of it.
  expect(file.toString()).toBe('old');
  const error = result.error();
  expect(result.code).toBe(exitCodeOf(error['code'] as ErrorCode));
  expect(error['exit']).toBe(result.code);
  const left = names.filter((name) => name !== 'f');
  expect(left).toHaveLength(error['partial'] === null ? 0 : 2);
  expect(left.every((name) => /^\.f\.[0-9a-f]{12}\.part(?:\.json)?$/.test(name))).toBe(true);
  // What a pipe was given is a beginning of the image, unless a digest that does not match says otherwise.
  const isKnownBad = result.code === 6;
  expect(isKnownBad || result.stdoutBytes.equals(data.subarray(0, result.stdoutBytes.length))).toBe(true);
  return false;
}

async function runCase(each: Case): Promise<void> {
  const { fault, ranges, framing, moment, target } = each;
  const cwd = await tempDir();
  await writeFile(join(cwd, 'f'), 'old');
  const store = await startStore({ data, ranges, framing });
  if (moment === 'resume') {
    store.become({ fault: { type: 'end', after: 60_000 }, framing: 'length' });
    await expectInvariants(await download(store, cwd, target, 0), cwd, each);
  }
  store.become({ fault, framing, times: moment === 'once' ? 1 : Infinity });
  const isDone = await expectInvariants(await download(store, cwd, target, 2), cwd, each);
  store.become({ times: 0 });
  if (isDone) return;
  expect(await expectInvariants(await download(store, cwd, target, 2), cwd, each)).toBe(true);
}

describe('a download that meets', () => {
  it.each(faults)(
    '%s keeps every promise, on every store, in every framing, to a file and a pipe',
    async (_name, fault) => {
      const cases = casesOf(fault);
      expect(cases).toHaveLength(54);
      // oxlint-disable-next-line no-await-in-loop -- one world after the other
      for (const each of cases) await runCase(each);
    },
  );
});
