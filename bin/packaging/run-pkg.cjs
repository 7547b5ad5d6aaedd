'use strict';
// Runs pkg on the Node that goes into the executable. Its command line takes no files along beside a script; its function does.
const { default: sea } = require('pkg/lib-es5/sea.js');

const { entry, target, output, version, assets } = JSON.parse(process.argv[2]);
const [platform, arch] = target.split('-');

sea(entry, {
  targets: [{ nodeRange: `node${version}`, platform, arch, output }],
  seaConfig: { assets },
  // Signs for macOS where it can.
  signature: true,
}).catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
