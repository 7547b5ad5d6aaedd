import { existsSync, readFileSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** The files that take longest. They have to start first, or one core waits for the other at the end. */
const longest = [
  '/binary/process.test.ts',
  '/examples.test.ts',
  '/unit/examples/demo/demo.test.ts',
  '/unit/cli/commands/download/matrix.test.ts',
  '/unit/transfer/power-cut.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification): boolean => longest.some((name) => moduleId.endsWith(name));
    // oxlint-disable-next-line unicorn/no-array-sort -- no array's
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

/**
 * V8 in Node 20 recompiles functions that have run a few times, in parallel threads. Most code does not run often enough in
 * tests for that to pay: waiting eight times as long saves a seventh of the total processor time. Later versions have other
 * compilers.
 */
const compiling = process.versions.node.startsWith('20.') ? ['--interrupt-budget=1000000'] : [];

/**
 * Garbage is collected by one thread, since there is a worker for every core, and less often. This saves a twelfth of the
 * total time.
 */
const collecting = ['--single-threaded-gc', '--max-semi-space-size=64'];

/**
 * Where temporary files of tests go: into memory if there is enough room and programs may run from there. On a disk, syncing
 * files takes most of the time of mirrors, and a fifth of their work. If TMPDIR is set, it is used.
 */
function findTemporaryDirectory(): string {
  if ((process.env['TMPDIR'] ?? '') !== '') return tmpdir();
  const memory = '/dev/shm';
  const mounts = existsSync('/proc/mounts') ? readFileSync('/proc/mounts', 'utf8').split('\n') : [];
  const options = mounts
    .map((line) => line.split(' '))
    .find(([, path]) => path === memory)?.[3]
    ?.split(',');
  if (options?.includes('rw') !== true || options.includes('noexec')) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize >= 4 * 1024 ** 3 ? memory : tmpdir();
}

// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/openstack/**', 'test/stores/**', 'test/disk-tools/**', 'test/browser/**', 'test/proof/**'],
    // Modules are loaded once per worker: loading them for each file takes a sixth of the total time.
    isolate: false,
    setupFiles: ['test/support/equal-bytes.ts'],
    execArgv: [...compiling, ...collecting],
    // By default Vitest leaves a core idle.
    maxWorkers: '100%',
    sequence: { sequencer: LongestFirst },
    // Nothing a test does may depend on the machine's own configuration.
    env: {
      TMPDIR: findTemporaryDirectory(),
      NO_COLOR: '',
      FORCE_COLOR: '',
      http_proxy: '',
      https_proxy: '',
      HTTP_PROXY: '',
      HTTPS_PROXY: '',
      RECHECK_SYNC_BACKEND: 'pure',
    },
    // Only ends what hangs: a test may be slow on a busy machine.
    testTimeout: 120_000,
    expect: { poll: { timeout: 60_000 } },
    hookTimeout: 120_000,
    retry: 0,
  },
});
