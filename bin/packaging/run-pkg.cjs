'use strict';
// Runs pkg on the Node that goes into the executable. Its command line has no option for Node's own code cache; its function has.
const { default: sea } = require('pkg/lib-es5/sea.js');

/**
 * @typedef {object} Order its only argument, as JSON
 * @property {string} entry path of the script that becomes the program
 * @property {string} target
 * @property {string} output path of the executable
 * @property {string} version of Node
 * @property {boolean} useCodeCache
 */

const [, , argument = ''] = process.argv;
/** @type {Order} */
const { entry, target, output, version, useCodeCache } = JSON.parse(argument);
const [platform, arch] = /** @type {['linux' | 'macos' | 'win', string]} */ (target.split('-'));

sea(entry, {
  targets: [{ nodeRange: `node${version}`, platform, arch, output }],
  seaConfig: { disableExperimentalSEAWarning: true, useSnapshot: false, useCodeCache },
  // Signs for macOS where it can.
  signature: true,
}).catch((/** @type {Error} */ error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
