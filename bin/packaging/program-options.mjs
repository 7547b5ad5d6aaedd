// How rolldown is asked to put the program together.

/**
 * Who imports what CommonJS exports gets a copy of it, property by property: of a buffer, each byte. With that copy `show`
 * takes 1.5 times as long.
 * @type {import('rolldown').Plugin}
 */
const parserCode = {
  name: 'parser-code',
  load: {
    filter: { id: /[\\/]src[\\/]http[\\/]parser-code\.ts$/ },
    handler: () => ({
      code: "export const parserCode = require('undici/lib/llhttp/llhttp_simd-wasm.js');",
      moduleType: 'js',
    }),
  },
};

/**
 * What goes into the program with its packages.
 * @param {string} root of the repository
 * @returns {import('rolldown').InputOptions}
 */
export function programInput(root) {
  return {
    cwd: root,
    input: 'src/main.ts',
    // Of many machines alone: whoever has no queue does without them.
    external: ['bullmq', 'ioredis'],
    platform: 'node',
    tsconfig: false,
    transform: { target: 'node20.18' },
    // That a module is also imported at once where another loads it late is no mistake.
    checks: { ineffectiveDynamicImport: false },
    plugins: [parserCode],
  };
}

/**
 * What is loaded together is one file, for each costs a quarter of a millisecond: what every call needs, what all but
 * `--version` do, what every command does, and what every connection does, each with all that it imports and that those before
 * it do not hold.
 */
const together = [
  { name: 'start', test: /[\\/]src[\\/]main\.ts$/ },
  { name: 'run', test: /[\\/]src[\\/]cli[\\/]run\.ts$/ },
  { name: 'context', test: /[\\/]src[\\/]cli[\\/]context\.ts$/ },
  { name: 'connection', test: /[\\/]src[\\/]client[\\/]http\.ts$/ },
];

/**
 * CommonJS: Node 20 starts it in two thirds of the time that it takes for modules of JavaScript's own, which it reads and
 * links one after the other through promises. Names stay, so that the stack of a bug can be read.
 * @param {string} directory
 * @returns {import('rolldown').OutputOptions}
 */
export function programOutput(directory) {
  return {
    dir: directory,
    format: 'cjs',
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
    comments: false,
    codeSplitting: { groups: together },
  };
}
