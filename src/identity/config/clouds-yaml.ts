// Parses the text of clouds.yaml and its relatives into lists and maps.
// See https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html
import { isAlias, isMap, isScalar, isSeq, Lexer, type ParsedNode, parseDocument, Scalar } from 'yaml';
import { GlanceError } from '../../errors.ts';
import { type ConfigMap, type ConfigNode, isNull } from './node.ts';

/**
 * Maximum number of lexemes (words, signs and white space) in a file: enough for several thousand clouds. Even these take the
 * YAML library a second and 100 MiB.
 */
const maxLexemes = 100_000;
/**
 * A file with fewer characters cannot have that many lexemes: each has at least one character of its own, or is a mark before
 * one that has.
 */
const leastForMany = maxLexemes / 2 - 1000;
/** Maximum number of nodes that aliases may add, so that a small file cannot become a large one. */
const maxAliased = 10_000;
/** Far fewer levels than would overflow the stack in the library. */
const maxDepth = 40;
const standardTags = /^tag:yaml\.org,2002:(?:str|int|float|bool|null|map|seq)$/;

/**
 * Parses YAML, and so JSON. Scalars stay text as written; if a key occurs twice, the last one counts.
 * @throws GlanceError `config.invalid` for a text that is not YAML or not a map, that has tags of its own, is nested
 * too deeply, has too many parts, or whose aliases repeat without end
 * @see https://yaml.org/spec/1.2.2/#101-failsafe-schema
 */
export function parseConfig(text: string): ConfigMap {
  if (hasTooMany(text)) throw invalid('it has too many parts');
  const document = parseDocument(text, {
    schema: 'failsafe',
    uniqueKeys: false,
    // Building the pretty form of an error can exhaust memory on a hostile file.
    prettyErrors: false,
    logLevel: 'error',
  });
  const [problem] = document.errors;
  if (problem !== undefined) throw invalid(`it is not valid YAML (${lineOf(text, problem.pos[0])})`);
  const root = new NodeReader().read(document.contents, 0);
  if (root === null) return new Map();
  if (!(root instanceof Map)) throw invalid('it holds no settings');
  return root as ConfigMap;
}

/** Checked before anything is built from the text. */
function hasTooMany(text: string): boolean {
  if (text.length < leastForMany) return false;
  let count = 0;
  for (const lexeme of new Lexer().lex(text)) if (lexeme !== '' && ++count > maxLexemes) return true;
  return false;
}

function invalid(message: string): GlanceError {
  return new GlanceError('config.invalid', message, { hint: 'correct the file, or move it out of the way' });
}

/** Names the line but never shows it, since it may hold a password. */
function lineOf(text: string, position: number): string {
  return `line ${text.slice(0, position).split('\n').length}`;
}

class NodeReader {
  /**
   * Anchors by name, as far as the file was read: an alias refers to the last one before it. The library would search
   * the whole file for it.
   */
  readonly #anchors = new Map<string, ParsedNode>();
  #left = maxAliased;
  #isAliased = false;

  read(node: ParsedNode | null | undefined, depth: number): ConfigNode {
    if (this.#isAliased) this.#left -= 1;
    if (this.#left < 0) throw invalid('its aliases repeat without end');
    if (depth > maxDepth) throw invalid('it is nested too deeply');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#readAlias(node.source, this.#anchors.get(node.source), depth);
    if (node.anchor !== undefined && !this.#isAliased) this.#anchors.set(node.anchor, node);
    if (node.tag !== undefined && !standardTags.test(node.tag)) throw invalid(`it has a tag, ${node.tag}`);
    if (isMap(node)) return this.#readMap(node.items, depth);
    if (isSeq(node)) return node.items.map((item) => this.read(item, depth + 1));
    return isScalar(node) ? textOf(node) : null;
  }

  #readAlias(name: string, target: ParsedNode | undefined, depth: number): ConfigNode {
    if (target === undefined) throw invalid(`it refers to ${name}, which is not in it`);
    const wasAliased = this.#isAliased;
    this.#isAliased = true;
    const content = this.read(target, depth + 1);
    this.#isAliased = wasAliased;
    return content;
  }

  #readMap(pairs: readonly { key: unknown; value: unknown }[], depth: number): ConfigMap {
    const own = new Map<string, ConfigNode>();
    const merged: ConfigMap[] = [];
    for (const { key, value } of pairs) {
      const name = this.read(key as ParsedNode, depth + 1);
      const content = this.read(value as ParsedNode | null, depth + 1);
      if (isMergeKey(key)) merged.push(...mapsIn(content));
      else if (typeof name === 'string') own.set(name, content);
      else if (name !== null) throw invalid('it has a list or a map as a name');
    }
    if (merged.length === 0) return own;
    return new Map([...merged.toReversed().flatMap((map) => [...map]), ...own]);
  }
}

/** PyYAML, with which OpenStack's tools read these files, supports the merge key of YAML 1.1. */
function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === '<<' && key.type === Scalar.PLAIN;
}

function mapsIn(content: ConfigNode): readonly ConfigMap[] {
  const list = Array.isArray(content) ? (content as readonly ConfigNode[]) : [content];
  return list.map((item) => {
    if (item instanceof Map) return item as ConfigMap;
    throw invalid('it merges (<<) what is not a map');
  });
}

function textOf(node: Scalar): string | null {
  const text = typeof node.value === 'string' ? node.value : '';
  return node.type === Scalar.PLAIN && isNull(text) ? null : text;
}
