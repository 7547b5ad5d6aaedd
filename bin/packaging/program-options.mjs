// The options with which rolldown bundles the program.

/**
 * What is imported from CommonJS is copied property by property, a buffer byte by byte. With that copy `show` takes 1.5 times
 * as long.
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
 * Parts of Node that packages load eagerly, for features that this program never uses, and what replaces them: commander could
 * start subcommands that are separate programs, undici could speak HTTP/2. Without them `--help` takes 8 % less time, and
 * `show` 6 %.
 */
const instead = [
  { name: 'node:child_process', user: /[\\/]node_modules[\\/]commander[\\/]/, code: 'module.exports = {};' },
  // What undici itself uses if Node was built without HTTP/2.
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
    // Only needed to share work among many machines; those who have no queue do without them.
    external: ['bullmq', 'ioredis'],
    platform: 'node',
    tsconfig: false,
    transform: { target: 'node20.18' },
    // It is not a mistake that one module imports statically what another loads late.
    checks: { ineffectiveDynamicImport: false },
    plugins: [parserCode, unusedParts],
  };
}

/**
 * What is loaded together goes into one file, as each file costs a quarter of a millisecond: what every call needs, what all
 * calls but `--version` need, what every command needs, and what every connection needs, each with everything that it imports
 * and that the groups before it do not contain.
 */
const together = [
  { name: 'start', test: /[\\/]src[\\/]main\.ts$/ },
  { name: 'run', test: /[\\/]src[\\/]cli[\\/]run\.ts$/ },
  { name: 'context', test: /[\\/]src[\\/]cli[\\/]context\.ts$/ },
  { name: 'connection', test: /[\\/]src[\\/]client[\\/]http\.ts$/ },
];

/**
 * CommonJS: Node 20 starts it in two thirds of the time it takes for ES modules, which it reads and links one after the other
 * through promises. Names are kept, so that the stack trace of a bug is readable.
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
