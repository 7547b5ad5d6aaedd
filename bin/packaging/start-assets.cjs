'use strict';
// The script of an executable: runs the program from the files that lie in it.
const { getAssetKeys, getRawAsset } = require('node:sea');
const { createLoader } = require('./loader.cjs');

const assets = new Set(getAssetKeys());

function read(name) {
  const code = `code/${name}`;
  return {
    path: name,
    // Not as text by getAsset(), for which Node would load a decoder.
    source: Buffer.from(getRawAsset(name)).toString(),
    code: assets.has(code) ? Buffer.from(getRawAsset(code)) : undefined,
  };
}

createLoader(read, require)('entry.js').main();
