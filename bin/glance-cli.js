#!/usr/bin/env node
'use strict';
// Starts the bundled program, which bin/bundle.mjs makes.
const fs = require('node:fs');
const nodeModule = require('node:module');
const os = require('node:os');
const path = require('node:path');

const program = path.join(__dirname, '..', 'dist', 'program', 'main.js');
if (fs.existsSync(program)) {
  keepCompiledCode();
  start().catch(explain);
} else {
  process.stderr.write('error: glance-cli is not built yet: run npm run build\n');
  process.exitCode = 2;
}

async function start() {
  /** @type {{ main: () => Promise<void> }} */
  const { main } = require(program);
  await main();
}

/**
 * If the limit on open files is too low, not even the program can be read.
 * @param {NodeJS.ErrnoException | undefined} error
 */
function explain(error) {
  if (error?.code !== 'EMFILE' && error?.code !== 'ENFILE') throw error;
  fs.writeSync(2, 'error: no more files can be opened [io.limit]\n  hint: see ulimit -n\n');
  process.exitCode = 8;
}

/**
 * Has Node (22.8 and later) keep V8's compiled code of the program among the user's own caches. By default Node uses a
 * directory that everybody can write to, and V8 runs what it finds there.
 */
function keepCompiledCode() {
  /** @type {((directory: string) => unknown) | undefined} Node 20 lacks it. */
  const enableCompileCache = Reflect.get(nodeModule, 'enableCompileCache');
  if (enableCompileCache === undefined) return;
  try {
    const { XDG_CACHE_HOME: named = '' } = process.env;
    const caches = path.isAbsolute(named) ? named : path.join(os.homedir(), '.cache');
    if (!path.isAbsolute(caches)) return;
    const own = path.join(caches, 'glance-cli');
    const directory = path.join(own, 'code');
    for (const made of [caches, own, directory]) makeDirectory(made);
    if (isOwn(own) && isOwn(directory)) enableCompileCache(directory);
  } catch {
    // The cache only saves time.
  }
}

/** @param {string} directory for this user alone, unless it is already there */
function makeDirectory(directory) {
  if (!fs.existsSync(directory)) fs.mkdirSync(directory, { mode: 0o700 });
}

/**
 * Whether it is this user's alone: the last six bits are the permissions of group and others.
 * @param {string} directory
 */
function isOwn(directory) {
  const { mode, uid } = fs.lstatSync(directory);
  return process.getuid === undefined || (uid === process.getuid() && mode % 0o100 === 0);
}
