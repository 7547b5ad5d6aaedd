// The YAML that nearly every clouds.yaml is written in: names and values, a line each, nested by indentation. The library
// that knows all of YAML takes a fifth of the time of a short command; it reads what is not that plain, and decides.
import { type ConfigMap, type ConfigNode, isNull } from './config-node.ts';

/** A plain value may go on in the next line, so each line has to be the setting of a name, or nothing at all. */
const setting =
  /^( *)([A-Za-z0-9_][\w.-]*):(?: +(?:([\w/~](?:[ \w./@%+=,:~!$^*&()?;<>|-]*[\w./@%+=,~!$^*&()?;<>|-])?)|'((?:[^']|'')*)'|"([^"\\]*)"))?(?: +#.*| *)$/;
const nothing = /^ *(?:#.*)?$/;
/** Beside ASCII the letters of most scripts: no separator of any kind, which may end a line. */
const strange = /[^\n -~\u00a1-\u1fff\u3001-\ud7ff]/;
/** YAML has a limit for names. */
const maxLineLength = 1000;
/** Fewer levels than the library is asked to take. */
const maxDepth = 20;

interface Level {
  readonly indentation: number;
  readonly map: Map<string, ConfigNode>;
}

/**
 * Reads a file of such lines as `parseConfig` would.
 * @returns null if there is anything else in it, right or wrong
 */
export function readPlainYaml(text: string): ConfigMap | null {
  if (strange.test(text)) return null;
  const root: Level = { indentation: 0, map: new Map() };
  const levels = [root];
  /** The map and the name that deeper lines belong to, where one was left without a value. */
  let open: { readonly map: Map<string, ConfigNode>; readonly name: string } | null = null;
  const lines = text.split('\n');
  if (lines[0] === '---') lines.shift();
  for (const line of lines) {
    if (nothing.test(line)) continue;
    if (line.length > maxLineLength) return null;
    const [, indent = '', name = '', plain, single, double] = setting.exec(line) ?? [];
    if (name === '' || isNull(name) || plain?.includes(': ') === true) return null;
    const level = enter(levels, indent.length, open);
    if (level === null) return null;
    const quoted = single?.replaceAll("''", "'") ?? double;
    level.map.set(name, quoted ?? (plain === undefined || isNull(plain) ? null : plain));
    open = quoted === undefined && plain === undefined ? { map: level.map, name } : null;
  }
  return root.map.size === 0 ? null : root.map;
}

/** The level that a line of this indentation belongs to; null if it belongs to none. */
function enter(
  levels: Level[],
  indentation: number,
  open: { map: Map<string, ConfigNode>; name: string } | null,
): Level | null {
  const innermost = levels.at(-1);
  if (innermost !== undefined && indentation > innermost.indentation) {
    if (open === null || levels.length === maxDepth) return null;
    const level = { indentation, map: new Map<string, ConfigNode>() };
    open.map.set(open.name, level.map);
    levels.push(level);
    return level;
  }
  while ((levels.at(-1)?.indentation ?? 0) > indentation) levels.pop();
  const level = levels.at(-1);
  return level?.indentation === indentation ? level : null;
}
