// For mutation-score.mjs: reports which blocks of src/ the tests of a file have reached, as recorded by code added to them.
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { afterAll, expect, inject } from 'vitest';

const began = performance.now();
const reached = new Set<string>();
Object.assign(globalThis, { reached });

afterAll(() => {
  const test = relative(process.cwd(), expect.getState().testPath ?? '');
  appendFileSync(
    inject('reachedFile'),
    `${JSON.stringify({ test, ms: performance.now() - began, blocks: [...reached] })}\n`,
  );
});

declare module 'vitest' {
  interface ProvidedContext {
    reachedFile: string;
  }
}
