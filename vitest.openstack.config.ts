import { defineConfig } from 'vitest/config';

// The suite against a real Keystone and Glance: see test/openstack/stack/README.md.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/openstack/*.test.ts'],
    globalSetup: ['test/openstack/support/find-stack.ts'],
    // Only end what hangs: a test may be slow on a busy machine.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // One Glance answers them all, and every test starts a process.
    maxWorkers: 2,
    retry: 0,
  },
});
