// How esbuild is asked to put the program together.

/**
 * esbuild makes a copy of what CommonJS exports, property by property, for who imports it: of a buffer, each byte. With that
 * copy `show` takes 1.5 times as long.
 * @type {import('esbuild').Plugin}
 */
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
 * @returns {import('esbuild').BuildOptions & { metafile: true }}
 */
export function programOptions(root) {
  return {
    absWorkingDir: root,
    entryPoints: ['src/main.ts'],
    bundle: true,
    platform: 'node',
    target: 'node20.18',
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: 'none',
    logLevel: 'warning',
    metafile: true,
    plugins: [parserCode],
  };
}
