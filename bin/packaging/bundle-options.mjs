// How esbuild is asked to put the program together.

/** For what finds and runs the program's files. */
export const loaderOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20.18',
  minifyWhitespace: true,
  minifySyntax: true,
  legalComments: 'none',
  logLevel: 'warning',
};

/**
 * Built-in modules that packages load although nothing here comes to use them, which takes milliseconds: commander starts no
 * programs; undici speaks HTTP/2 only where it is told to, and is prepared for a Node that has none; of Node's own HTTP it
 * wants to know a kind of body that it is never given, and a limit that we set ourselves.
 */
const unusedBuiltins = {
  'node:child_process': { by: 'commander', contents: 'module.exports = {};' },
  'node:http': {
    by: 'undici',
    contents: 'module.exports = { IncomingMessage: class {}, maxHeaderSize: 16384 };',
  },
  'node:http2': { by: 'undici', contents: "throw new Error('HTTP/2 is left out');" },
};

/** @type {import('esbuild').Plugin} */
const withoutUnusedBuiltins = {
  name: 'without-unused-builtins',
  setup(bundler) {
    bundler.onResolve({ filter: /^node:(?:child_process|http2?)$/ }, ({ path, importer }) =>
      importer.includes(`/node_modules/${unusedBuiltins[path].by}/`) ? { path, namespace: 'unused' } : undefined,
    );
    bundler.onLoad({ filter: /.*/, namespace: 'unused' }, ({ path }) => ({ contents: unusedBuiltins[path].contents }));
  },
};

/** esbuild makes a copy of what CommonJS exports, property by property, for who imports it: of a buffer, each byte. */
const parserCode = {
  name: 'parser-code',
  setup(bundler) {
    bundler.onLoad({ filter: /[\\/]src[\\/]http[\\/]parser-code\.ts$/ }, () => ({
      contents: "export const parserCode = require('undici/lib/llhttp/llhttp_simd-wasm.js');",
      resolveDir: import.meta.dirname,
    }));
  },
};

/**
 * For the program with its packages. Names stay, so that the stack of a bug can be read.
 * @param {string} root of the repository
 * @returns {import('esbuild').BuildOptions & { write: false, metafile: true }}
 */
export function programOptions(root) {
  return {
    ...loaderOptions,
    absWorkingDir: root,
    // esbuild splits modules only; what it writes is turned into CommonJS file by file.
    format: 'esm',
    splitting: true,
    write: false,
    metafile: true,
    plugins: [withoutUnusedBuiltins, parserCode],
  };
}
