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
 * Parts of Node that packages load when they are loaded, for what this program never asks of them, and what they get instead:
 * commander could start subcommands that are programs of their own, undici could speak HTTP/2. Without them `--help` takes 8 %
 * less time, and `show` 6 %.
 */
const instead = [
  { name: 'node:child_process', user: /[\\/]node_modules[\\/]commander[\\/]/, code: 'module.exports = {};' },
  // The same as undici takes where Node was built without it.
  { name: 'node:http2', user: /[\\/]node_modules[\\/]undici[\\/]/, code: 'module.exports = { constants: {} };' },
];

/**
 * Leaves these parts out.
 * @type {import('rolldown').Plugin}
 */
const unusedParts = {
  name: 'unused-parts',
  resolveId: (id, importer = '') =>
    instead.some(({ name, user }) => id === name && user.test(importer)) ? `\0${id}` : null,
  load(id) {
    const found = instead.find(({ name }) => id === `\0${name}`);
    return found === undefined ? null : { code: found.code, moduleType: 'js' };
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
    plugins: [parserCode, unusedParts],
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
