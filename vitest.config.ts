import { defineConfig } from 'vitest/config';

// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/openstack/**'],
    setupFiles: [],
    // Nothing a test does may depend on the machine's own configuration.
    env: { NO_COLOR: '', FORCE_COLOR: '', http_proxy: '', https_proxy: '', HTTP_PROXY: '', HTTPS_PROXY: '' },
    // Only ends what hangs: a test may be slow where much else goes on.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    retry: 0,
  },
});
