// The faults of the tests for benches, which run on a Node that cannot read TypeScript: esbuild bundles them into one module.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const entry = fileURLToPath(new URL('../../test/support/faults/vocabulary.ts', import.meta.url));
const { outputFiles } = await build({
  entryPoints: [entry],
  bundle: true,
  platform: 'node',
  format: 'esm',
  write: false,
});
const code = outputFiles.map(({ text }) => text).join('');

/** @type {typeof import('../../test/support/faults/vocabulary.ts')} */
export const { applyAction, draftData, makePicker, respond } = await import(
  `data:text/javascript,${encodeURIComponent(code)}`
);
