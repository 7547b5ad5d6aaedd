'use strict';
// Runs pkg on the Node that goes into the executable. Its command line has no option for Node's own code cache; its function has.
const { default: sea } = require('pkg/lib-es5/sea.js');

const { entry, target, output, version, useCodeCache } = JSON.parse(process.argv[2]);
const [platform, arch] = target.split('-');

sea(entry, {
  targets: [{ nodeRange: `node${version}`, platform, arch, output }],
  seaConfig: { disableExperimentalSEAWarning: true, useSnapshot: false, useCodeCache },
  // Signs for macOS where it can.
  signature: true,
}).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
