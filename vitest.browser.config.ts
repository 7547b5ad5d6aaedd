import { defineConfig } from 'vitest/config';

// Pages in a real browser, the one of the system: see test/browser/.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/browser/*.test.ts'],
    // Only ends what hangs: a test may be slow on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // They share the machine with the browser, and some of them measure its speed.
    maxWorkers: 1,
    retry: 0,
  },
});
