// node test/disk/fuzz-libfuzzer.mjs DIRECTORY SECONDS NAME: like test/disk/fuzz.mjs, but with libFuzzer, which sees the operands of
// comparisons, and starts from the inputs that it kept in DIRECTORY the last time. test/disk/make-libfuzzer.sh makes DIRECTORY.
// Fails, and prints the input, if a reader throws anything but an UnreadableError, or takes too much time or memory.
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getHeapStatistics } from 'node:v8';
import { transformSync } from 'esbuild';
import { bundleSources } from '../support/disk/mutations/bundle-sources.mjs';

const [directory = '', seconds = '60', name = ''] = process.argv.slice(2);
/** Limits of processor time and memory: more than any input should take, even instrumented. */
const mostTime = 1_000_000;
const mostMemory = 128 * 1024 * 1024;

const top = fileURLToPath(new URL('../..', import.meta.url));
const outfile = join(resolve(directory), 'targets', `${name}.cjs`);
const load = createRequire(join(resolve(directory), 'index.js'));

/**
 * Of Jazzer.js, what is used here.
 * @typedef {(one: number, other: number, operator: string, place: number) => boolean} Compare
 * @typedef {(target: (input: Buffer) => void, options: readonly string[], stop: () => void) => void} Start
 * @typedef {{ coverageTracker: { coverageMap: Uint8Array }, tracer: { traceNumberCmp: Compare }, startFuzzing: Start }} Fuzzer
 * @typedef {{ instrument: (code: string, path: string) => { code?: string } | undefined }} Instrumentor
 */
/** @type {{ fuzzer: Fuzzer }} */
const { fuzzer } = load('@jazzer.js/fuzzer');
/** @type {{ Instrumentor: new (included: readonly string[], excluded: readonly string[]) => Instrumentor }} */
const { Instrumentor } = load('@jazzer.js/instrumentor');

/**
 * Instruments everything in src/disk/ except checksums, in which all bytes take the same path.
 * @type {import('esbuild').Plugin}
 */
const instrument = {
  name: 'instrument',
  setup(bundle) {
    const instrumentor = new Instrumentor(['src/disk/'], ['crc32c']);
    bundle.onLoad({ filter: /src.disk.*\.ts$/ }, ({ path }) => {
      const { code } = transformSync(readFileSync(path, 'utf8'), { loader: 'ts', target: 'node20' });
      return { contents: instrumentor.instrument(code, relative(top, path))?.code ?? code, loader: 'js' };
    });
  },
};

await bundleSources('fuzz-target', outfile, [instrument]);

const { coverageMap } = fuzzer.coverageTracker;
const coverageTracker = {
  incrementCounter(/** @type {number} */ edge) {
    const count = coverageMap[edge] ?? 0;
    coverageMap[edge] = count === 255 ? 1 : count + 1;
  },
};
/** How often each comparison was reported to libFuzzer for this input. More than a few reports are slow and add nothing. */
const told = new Uint8Array(512);
const mostTold = 8;
/** @type {Fuzzer['tracer']} */
const tracer = {
  ...fuzzer.tracer,
  traceNumberCmp(one, other, operator, place) {
    const times = told[place] ?? mostTold;
    if (times < mostTold) {
      told[place] = times + 1;
      return fuzzer.tracer.traceNumberCmp(one, other, operator, place);
    }
    switch (operator) {
      case '===':
        return one === other;
      case '!==':
        return one !== other;
      case '<':
        return one < other;
      case '>':
        return one > other;
      case '<=':
        return one <= other;
      default:
        return one >= other;
    }
  },
};
Object.assign(globalThis, { Fuzzer: { coverageTracker, tracer } });

/** @type {typeof import('../support/disk/mutations/fuzz-target.ts')} */
const { makeTarget } = load(outfile);
const target = makeTarget(name);
let slowest = 0;
let largest = 0;

function memory() {
  const { used_heap_size: heap, external_memory: external } = getHeapStatistics();
  return heap + external;
}

/** @param {Buffer} input */
function tryInput(input) {
  const began = process.cpuUsage();
  const before = memory();
  told.fill(0);
  try {
    target(input);
    const { user, system } = process.cpuUsage(began);
    slowest = Math.max(slowest, user + system);
    largest = Math.max(largest, memory() - before);
    if (user + system > mostTime) throw new Error(`${user + system} µs`);
    if (memory() - before > mostMemory) throw new Error(`${memory() - before} bytes`);
  } catch (error) {
    process.stdout.write(
      `${name}, ${input.toString('hex')}: ${error instanceof Error ? error.stack : String(error)}\n`,
    );
    process.exit(1);
  }
}

const end = performance.now() + Number(seconds) * 1000 - 500;
let isTold = false;
/** @param {Buffer} input */
function tellAtTheEnd(input) {
  tryInput(input);
  if (isTold || performance.now() < end) return;
  isTold = true;
  process.stdout.write(`${name}: at most ${Math.round(slowest / 1000)} ms, ${Math.round(largest / 1024)} KiB\n`);
}

const corpus = join(resolve(directory), 'corpus', name);
mkdirSync(corpus, { recursive: true });
const options = [
  'max_len=256',
  'len_control=0',
  'timeout=30',
  'rss_limit_mb=2048',
  'use_value_profile=1',
  'print_final_stats=1',
];
fuzzer.startFuzzing(
  tellAtTheEnd,
  [name, corpus, ...options.map((option) => `-${option}`), `-max_total_time=${seconds}`, `-artifact_prefix=${corpus}-`],
  () => process.exit(1),
);
