'use strict';
// Loads the files of the program, with the code that V8 once made of them where there is some: see code.mjs.
const { Script } = require('node:vm');

/**
 * @typedef {object} ProgramFile
 * @property {string} path for stacks
 * @property {string} source CommonJS
 * @property {Buffer} [code] what V8 made of just this source; V8 leaves it alone if it is of another V8
 */

/**
 * @param {(name: string) => ProgramFile} read
 * @param {NodeJS.Require} requireBuiltin
 * @param {(name: string, script: Script) => void} [onLoad]
 * @returns {(name: string) => any} loads a file once, and gives what it exports
 */
exports.createLoader = (read, requireBuiltin, onLoad) => {
  const modules = new Map();
  const requireFrom = (id) => (id.startsWith('./') ? load(id.slice(2)) : requireBuiltin(id));
  function load(name) {
    const known = modules.get(name);
    if (known !== undefined) return known.exports;
    const { path, source, code } = read(name);
    const script = new Script(`(function(exports,require,module){${source}\n})`, { filename: path, cachedData: code });
    onLoad?.(name, script);
    const module = { exports: {} };
    modules.set(name, module);
    script.runInThisContext()(module.exports, requireFrom, module);
    return module.exports;
  }
  return load;
};
