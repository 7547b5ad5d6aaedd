import { defineConfig, mergeConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from './vitest.config.ts';

const { include: _include, ...settings } = base.test ?? {};

/** The order that mutation-score.mjs asks for: tests that are quick and likely to find an error come first. */
class AsAsked extends BaseSequencer {
  // oxlint-disable-next-line typescript/require-await -- vitest's own type
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files;
  }
}

// For `npm run test:score`.
// oxlint-disable-next-line import/no-default-export -- vitest looks for one
export default mergeConfig(
  { ...base, test: settings },
  defineConfig({
    test: { include: ['test/unit/**/*.test.ts'], maxWorkers: 1, sequence: { sequencer: AsAsked } },
  }),
);
