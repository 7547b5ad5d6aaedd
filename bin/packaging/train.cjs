'use strict';
// Runs commands in one process, and keeps the code that V8 has made of the program's files by then: a function that has
// run is compiled, and need not be again. See code.mjs.
//   node train.cjs '{ "program": DIRECTORY, "code": DIRECTORY, "commands": [[ARGUMENT …] …] }'
const { mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const v8 = require('node:v8');
const { createLoader } = require('./loader.cjs');

const { program, code, commands } = JSON.parse(process.argv[2]);
/** Code for less than this is not worth its file. */
const leastBytes = 16 * 1024;

const scripts = new Map();
const read = (name) => ({ path: path.join(program, name), source: readFileSync(path.join(program, name), 'utf8') });
// V8 takes no code that was made under other settings than those it starts with.
const requireBuiltin = (id) => (id === 'node:v8' ? { ...v8, setFlagsFromString: () => undefined } : require(id));
const load = createLoader(read, requireBuiltin, (name, script) => scripts.set(name, script));

async function train() {
  for (const argv of commands) {
    process.argv = [process.execPath, 'glance-cli', ...argv];
    // oxlint-disable-next-line no-await-in-loop -- each has the process to itself
    await load('entry.js').main();
    if (process.exitCode !== 0) throw new Error(`glance-cli ${argv.path.join(' ')} ended with ${process.exitCode}`);
  }
  mkdirSync(code, { recursive: true });
  for (const [name, script] of scripts) {
    const data = script.createCachedData();
    // On disk before it is used: V8 notices code that is cut off, but not what else a power cut can make of it.
    if (data.length >= leastBytes) writeFileSync(path.join(code, name), data, { flush: true });
  }
}

train().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
