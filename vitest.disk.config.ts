import { defineConfig } from 'vitest/config';

// Readers of what is inside a disk, compared with the tools that make and read such disks: see test/disk-tools/.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/disk-tools/*.test.ts'],
    // Only ends what hangs: a test may be slow on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    retry: 0,
  },
});
