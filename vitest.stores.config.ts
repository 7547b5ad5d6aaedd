import { defineConfig } from 'vitest/config';

// The suite against real object stores: see test/stores/servers/README.md.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/stores/*.test.ts'],
    globalSetup: ['test/stores/support/start-stores.ts'],
    // Only end what hangs: a test may be slow on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 2,
    retry: 0,
  },
});
