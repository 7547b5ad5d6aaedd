'use strict';
// dist/program/main.js: runs the program from the files beside it.
const { readFileSync, statSync } = require('node:fs');
const { sep } = require('node:path');
const { createLoader } = require('./loader.cjs');

const compiled = `${__dirname}${sep}code${sep}${process.version}-${process.arch}${sep}`;

function read(name) {
  const path = __dirname + sep + name;
  return { path, source: readFileSync(path, 'utf8'), code: readCode(path, compiled + name) };
}

/** V8 compares no more than lengths: a file that was changed since is found out by its date. */
function readCode(path, codePath) {
  const made = statSync(codePath, { throwIfNoEntry: false });
  return made === undefined || made.mtimeMs < statSync(path).mtimeMs ? undefined : readFileSync(codePath);
}

exports.main = () => createLoader(read, require)('entry.js').main();
