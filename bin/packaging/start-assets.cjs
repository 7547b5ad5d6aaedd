'use strict';
// The script of an executable: runs the program from the files that lie in it.
const { getAsset, getAssetKeys, getRawAsset } = require('node:sea');
const { createLoader } = require('./loader.cjs');

const assets = new Set(getAssetKeys());

function read(name) {
  const code = `code/${name}`;
  return {
    path: name,
    source: getAsset(name, 'utf8'),
    code: assets.has(code) ? Buffer.from(getRawAsset(code)) : undefined,
  };
}

createLoader(read, require)('entry.js').main();
