import { defineConfig, mergeConfig } from 'vitest/config';
import base from './vitest.config.ts';

const { include: _include, exclude: _exclude, ...settings } = base.test ?? {};

// Every combination, where `npm test` tries just enough of them that any two values meet.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default mergeConfig(
  { ...base, test: settings },
  defineConfig({
    test: {
      include: [
        'test/proof/*.test.ts',
        'test/hostile-text.test.ts',
        'test/unit/examples/demo/images/qcow2.test.ts',
        'test/unit/cli/range-refused.test.ts',
        'test/unit/cli/commands/download/matrix.test.ts',
        'test/unit/cli/commands/mirror/bucket-matrix.test.ts',
        'test/unit/disk/{block-mutations,hostile,qemu}.test.ts',
        'test/unit/disk/filesystems/mutations.test.ts',
        'test/unit/disk/packages/mutations.test.ts',
        'test/unit/transfer/{model,power-cut}.test.ts',
        'test/unit/transfer/files/output-paths.test.ts',
      ],
      env: { GLANCE_CLI_PROOF: '1' },
      testTimeout: 600_000,
    },
  }),
);
