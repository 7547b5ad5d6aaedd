// node test/disk/fuzz.mjs SECONDS [SEED] NAME…: changes samples of disks, and builds on those changes that reach new code in the
// readers, measured by V8's coverage. Prints what it did; exits with 1 if a reader throws anything but an UnreadableError, or exceeds
// its limits. Names: see makeTarget in test/support/disk/mutations/fuzz-target.ts.
import { Session } from 'node:inspector';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundleSources } from '../support/disk/mutations/bundle-sources.mjs';

const [seconds = '60', seed = '1', ...names] = process.argv.slice(2);
const mostBytes = 256;
/** Milliseconds of processor time, more than any input should take. */
const mostTime = 5000;

/** The state of Lehmer's generator. Seeds begin at 1. */
let state = Number(seed);
/** A random integer from 0 on. @param {number} limit is never reached */
function below(limit) {
  state = (state * 48_271) % 2_147_483_647;
  return state % limit;
}

const session = new Session();
session.connect();

/** @param {Error | null} error */
function check(error) {
  if (error !== null) throw error;
}

/** The blocks of code that were reached since the last call, and roughly how often. @param {string} url of the code */
function reached(url) {
  /** @type {import('node:inspector').Profiler.ScriptCoverage[]} */
  let scripts = [];
  // The answer is there once `post` returns.
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    check(error);
    scripts = coverage.result;
  });
  const script = scripts.find((each) => each.url === url);
  const ranges = script?.functions.flatMap((each) => each.ranges) ?? [];
  return ranges
    .filter(({ count }) => count > 0)
    .map(({ startOffset, endOffset, count }) => `${startOffset}-${endOffset}-${Math.floor(Math.log2(count) / 2)}`);
}

const telling = [0, 1, 2, 7, 8, 0x10, 0x40, 0x7f, 0x80, 0xfe, 0xff];

/** A variant of an existing input. @param {readonly Buffer[]} corpus */
function vary(corpus) {
  const from = below(2) === 0 ? corpus.length - 1 - below(Math.min(20, corpus.length)) : below(corpus.length);
  let input = Buffer.from(corpus[from] ?? []);
  for (let changes = 1 + below(4); changes > 0; changes--) {
    const at = below(input.length + 1);
    const some = Buffer.from(
      Array.from({ length: 1 + below(8) }, () => (below(2) === 0 ? below(256) : (telling[below(telling.length)] ?? 0))),
    );
    switch (below(5)) {
      case 0:
        input = Buffer.concat([input.subarray(0, at), some, input.subarray(at)]);
        break;
      case 1:
        input = Buffer.concat([input.subarray(0, at), input.subarray(at + some.length)]);
        break;
      case 2: {
        const other = corpus[below(corpus.length)] ?? Buffer.alloc(0);
        input = Buffer.concat([input.subarray(0, at), other.subarray(below(other.length + 1))]);
        break;
      }
      default:
        input.set(some.subarray(0, input.length - at), at);
    }
  }
  return input.subarray(0, mostBytes);
}

/** @typedef {typeof import('../support/disk/mutations/fuzz-target.ts')} FuzzTarget */

/**
 * @param {string} name
 * @param {ReturnType<FuzzTarget['makeTarget']>} target
 * @param {string} url of its code
 */
function fuzz(name, target, url) {
  const seen = new Set();
  /** @type {Buffer[]} */
  const corpus = [];
  const end = performance.now() + Number(seconds) * 1000;
  let inputs = 0;
  let slowest = 0;
  while (performance.now() < end) {
    const input = corpus.length === 0 ? Buffer.alloc(8) : vary(corpus);
    const began = process.cpuUsage();
    try {
      target(input);
    } catch (error) {
      process.stdout.write(
        `${name}, input ${inputs}, ${input.toString('hex')}: ${error instanceof Error ? error.stack : String(error)}\n`,
      );
      return false;
    }
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, (user + system) / 1000);
    inputs++;
    const fresh = reached(url).filter((key) => !seen.has(key));
    for (const key of fresh) seen.add(key);
    if (fresh.length > 0 || corpus.length === 0) corpus.push(input);
  }
  const numbers = `${inputs} inputs, ${corpus.length} of them new, ${seen.size} places, at most ${Math.round(slowest)} ms`;
  process.stdout.write(`${name}: ${numbers}\n`);
  return slowest <= mostTime;
}

const scratch = mkdtempSync(join(tmpdir(), 'fuzz-'));
try {
  const outfile = join(scratch, 'target.cjs');
  await bundleSources('fuzz-target', outfile);
  session.post('Profiler.enable', check);
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true }, check);
  /** @type {FuzzTarget} */
  const { makeTarget } = createRequire(import.meta.url)(outfile);
  const url = pathToFileURL(outfile).href;
  for (const name of names) if (!fuzz(name, makeTarget(name), url)) process.exitCode = 1;
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
