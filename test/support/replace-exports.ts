// Replaces what a module exports while the tests of one file run. Files share a worker's modules, so mocks of whole modules
// would either come too late or stay for the others.
import { syncBuiltinESMExports } from 'node:module';
import { afterAll, beforeAll } from 'vitest';

/** @param module its namespace, as `import * as` gives it */
export function replaceExports<Module extends object>(module: Module, replacements: Partial<Module>): void {
  const actual = Object.getOwnPropertyDescriptors(module);
  beforeAll(() => {
    for (const [name, value] of Object.entries(replacements)) {
      Object.defineProperty(module, name, { get: () => value, enumerable: true, configurable: true });
    }
  });
  afterAll(() => {
    for (const name of Object.keys(replacements)) {
      Object.defineProperty(module, name, actual[name as keyof typeof actual]);
    }
  });
}

/** The same for a module of Node. @param module its default export */
export function replaceBuiltins<Module extends object>(module: Module, replacements: Partial<Module>): void {
  const actual = { ...module };
  const assign = (values: Partial<Module>): void => {
    Object.assign(module, values);
    syncBuiltinESMExports();
  };
  beforeAll(() => assign(replacements));
  afterAll(() => assign(actual));
}
