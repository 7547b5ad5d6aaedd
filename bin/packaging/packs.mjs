// esbuild's many small files as a few: each file costs a start more to find than to read. What every call uses is one pack,
// what every command uses another, what most calls to a Glance use a third; the rest stays as it is. A part still runs only
// when it is asked for.
import { basename } from 'node:path';

/** Larger parts, which are packages, stay by themselves. */
const mostBytes = 48 * 1024;

/** The packs, and the modules that each is made for, with all that these import. A part goes into the first that wants it. */
const packs = {
  'base.js': ['src/main.ts'],
  'start.js': ['src/cli/run.ts', 'src/cli/commander-setup.ts'],
  'context.js': ['src/cli/context.ts', 'src/transfer/stream-sink.ts'],
  'glance.js': [
    'src/cli/connect.ts',
    'src/cli/name-cache.ts',
    'src/identity/load-cloud.ts',
    'src/identity/authenticator.ts',
    'src/identity/token-cache.ts',
    'src/image/discovery.ts',
    'src/image/v1.ts',
    'src/image/v2.ts',
    'src/cli/commands/show.ts',
    'src/cli/commands/list.ts',
  ],
};

/**
 * Tells which pack a part belongs into.
 * @param {import('esbuild').Metafile} metafile
 * @returns {(name: string, bytes: number) => string | null} the pack's file; null for a part that stays a file
 */
export function packOf({ outputs }) {
  const chosen = new Map();
  const paths = new Map(Object.entries(outputs).map(([path, { entryPoint }]) => [entryPoint, path]));
  const take = (path, pack) => {
    if (path === undefined) throw new Error(`${pack} is made for a module that is not loaded by itself`);
    if (chosen.has(basename(path))) return;
    chosen.set(basename(path), pack);
    for (const { path: imported, kind } of outputs[path]?.imports ?? []) {
      if (kind === 'import-statement') take(imported, pack);
    }
  };
  for (const [pack, modules] of Object.entries(packs)) for (const module of modules) take(paths.get(module), pack);
  return (name, bytes) => {
    if (name === 'entry.js') return null;
    const pack = chosen.get(name) ?? null;
    return bytes <= mostBytes || pack === 'start.js' ? pack : null;
  };
}

/**
 * The files to write: packs, and the parts that stay by themselves.
 * @param {readonly { name: string, code: string }[]} parts CommonJS
 * @param {(name: string, bytes: number) => string | null} chosenPack
 * @returns {{ name: string, code: string }[]}
 */
export function gatherParts(parts, chosenPack) {
  const places = new Map(parts.map(({ name, code }) => [name, chosenPack(name, code.length)]));
  const linked = parts.map(({ name, code }) => ({ name, code: link(code, places, places.get(name)) }));
  const files = linked.filter(({ name }) => places.get(name) === null);
  const names = [...new Set(places.values())].filter((pack) => pack !== null);
  const within = (pack) => linked.filter(({ name }) => places.get(name) === pack);
  return [...files, ...names.map((pack) => ({ name: pack, code: packTogether(within(pack)) }))];
}

/** Turns what a part asks for by a file's name into what it asks a pack for. */
function link(code, places, own) {
  return code.replaceAll(/\brequire\("\.\/([^"]+)"\)/g, (call, name) => {
    if (!places.has(name)) throw new Error(`${name} is not among the parts`);
    const pack = places.get(name);
    if (pack === null) return call;
    return pack === own ? `part("${name}")` : `require("./${pack}")("${name}")`;
  });
}

/** One file that hands out the exports of its parts by name, as Node's own loader would. */
function packTogether(parts) {
  const bodies = parts.map(({ name, code }) => `"${name}"(module,exports){${code}\n}`);
  return `"use strict";
const loaded=new Map();
function part(name){
let module=loaded.get(name);
if(module===undefined){loaded.set(name,module={exports:{}});parts[name](module,module.exports);}
return module.exports;
}
module.exports=part;
const parts={
${bodies.join(',\n')}
};
`;
}
