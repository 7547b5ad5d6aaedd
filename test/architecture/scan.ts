// Reads one source file with a real parser: what it imports, and which forbidden constructs it uses.
import { parseAst } from 'vitest/node';

/** One import, re-export, `import()` or type import. */
export interface Import {
  /** As written. */
  readonly specifier: string;
  /** Whether nothing remains of it at run time. `import { type A }` leaves something: the module is loaded. */
  readonly typeOnly: boolean;
  /** Whether it is loaded with its importer, rather than at an `import()`. */
  readonly atStart: boolean;
  /** Names taken. Null: all of them. */
  readonly names: readonly string[] | null;
}

/** A source file. */
export interface Source {
  /** From src/, with slashes: `http/client.ts`. */
  readonly path: string;
  readonly text: string;
}

/** What is in a source file. */
export interface Scanned extends Source {
  readonly imports: readonly Import[];
  /** Names under which others may import something, types included. */
  readonly exports: readonly string[];
  /** Forbidden constructs, such as `an enum`. `process` is also listed, for files that may use it. */
  readonly constructs: readonly string[];
  /** What stands for the surroundings: `Date.now`, `new Date()`, `setTimeout`, `systemClock`. */
  readonly reads: readonly string[];
  /** Every text, the pieces of templates one by one. */
  readonly texts: readonly string[];
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

const constructNames: Readonly<Record<string, string>> = {
  TSAnyKeyword: 'any',
  TSEnumDeclaration: 'an enum',
  TSModuleDeclaration: 'a namespace',
  TSNonNullExpression: 'a non-null assertion',
  TSParameterProperty: 'a parameter property',
  ExportDefaultDeclaration: 'a default export',
};

/** Values of ours that stand for the surroundings of the process. */
const surroundings: readonly string[] = ['findHome', 'findWorkingDirectory', 'systemClock', 'bareSystem', 'systemOf'];

/** Several tests look at all of src/, which takes a second to parse. */
const scanned = new Map<string, Scanned>();

/** Parses a file, once. @throws SyntaxError if it is not TypeScript */
export function scanSource(source: Source): Scanned {
  const key = `${source.path}\n${source.text}`;
  const known = scanned.get(key) ?? parseSource(source);
  scanned.set(key, known);
  return known;
}

function parseSource(source: Source): Scanned {
  const imports: Import[] = [];
  const exports: string[] = [];
  const constructs: string[] = [];
  const reads: string[] = [];
  const texts: string[] = [];
  const visit = (node: Node): void => {
    const found = readImport(node);
    if (found !== undefined) imports.push(found);
    exports.push(...exportsOf(node));
    constructs.push(...findConstructs(node));
    reads.push(...findReads(node));
    texts.push(...textOf(node));
    for (const child of childrenOf(node)) visit(child);
  };
  visit(asNode(parseAst(source.text, { lang: 'ts' })));
  return { ...source, imports, exports, constructs, reads, texts };
}

function textOf(node: Node): string[] {
  const value = node.type === 'TemplateElement' ? (node['value'] as { cooked: unknown }).cooked : node['value'];
  return /^(?:Literal|TemplateElement)$/.test(node.type) && typeof value === 'string' ? [value] : [];
}

function readImport(node: Node): Import | undefined {
  const specifier = isNode(node['source']) ? node['source']['value'] : undefined;
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration': {
      if (typeof specifier !== 'string') return undefined;
      const typeOnly = (node['importKind'] ?? node['exportKind']) === 'type';
      return { specifier, typeOnly, atStart: !typeOnly, names: namesOf(node) };
    }
    case 'ImportExpression':
      return {
        specifier: typeof specifier === 'string' ? specifier : '(computed)',
        typeOnly: false,
        atStart: false,
        names: null,
      };
    case 'TSImportType':
      return { specifier: String(specifier), typeOnly: true, atStart: false, names: null };
    default:
      return undefined;
  }
}

/** The names an import or re-export takes; null for a namespace, a default or everything. */
function namesOf(node: Node): readonly string[] | null {
  if (node.type === 'ExportAllDeclaration') return null;
  const specifiers = childrenOf(node).filter(({ type }) => /^(?:Import|Export)\w*Specifier$/.test(type));
  const names = specifiers.map((specifier) => nameOf(specifier['imported'] ?? specifier['local']));
  const named = specifiers.every(({ type }) => type === 'ImportSpecifier' || type === 'ExportSpecifier');
  return named && specifiers.length > 0 ? names : null;
}

/** The names that a statement exports. */
function exportsOf(node: Node): string[] {
  if (node.type !== 'ExportNamedDeclaration') return [];
  const { declaration } = node;
  if (!isNode(declaration))
    return childrenOf(node).flatMap(({ exported }) => (isNode(exported) ? [nameOf(exported)] : []));
  if (declaration.type !== 'VariableDeclaration') return [nameOf(declaration['id'])];
  return childrenOf(declaration).flatMap(({ id }) => (isNode(id) ? namesIn(id) : []));
}

/** The names that a declaration introduces: one, or those of `{ a, b }`. */
function namesIn(pattern: Node): string[] {
  if (pattern.type === 'Identifier') return [nameOf(pattern)];
  return childrenOf(pattern).flatMap((child) => namesIn(isNode(child['value']) ? child['value'] : child));
}

function findConstructs(node: Node): string[] {
  const named = constructNames[node.type];
  if (named !== undefined) return [named];
  if (node.type === 'ExportSpecifier' && nameOf(node['exported']) === 'default') return ['a default export'];
  if (node.type === 'MemberExpression' && nameOf(node['object']) === 'globalThis') {
    return ['process', 'console'].filter((name) => name === nameOf(node['property']));
  }
  return node.type === 'Identifier' ? ['process', 'console'].filter((name) => name === node['name']) : [];
}

function findReads(node: Node): string[] {
  const callee = nameOf(node['callee']);
  const member = `${nameOf(node['object'])}.${nameOf(node['property'])}`;
  switch (node.type) {
    case 'MemberExpression':
      return ['Date.now', 'performance.now', 'Math.random'].includes(member) ? [member] : [];
    case 'Identifier':
      return surroundings.filter((name) => name === node['name']);
    case 'NewExpression':
      return callee === 'Date' && childrenOf(node).length === 1 ? ['new Date()'] : [];
    case 'CallExpression':
      return ['setTimeout', 'setInterval'].includes(callee) ? [callee] : [];
    default:
      return [];
  }
}

function nameOf(node: unknown): string {
  if (!isNode(node)) return '';
  const name = node['name'] ?? node['value'];
  return typeof name === 'string' ? name : '';
}

/** Child nodes without property names: neither `child.process` nor `{ process: 1 }` uses `process`. */
function childrenOf(node: Node): Node[] {
  const isLabel = (key: string): boolean => (key === 'property' || key === 'key') && node['computed'] === false;
  return Object.entries(node)
    .filter(([key]) => key !== 'parent' && !isLabel(key))
    .flatMap(([, value]) => (Array.isArray(value) ? (value as unknown[]) : [value]))
    .filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function asNode(value: unknown): Node {
  if (!isNode(value)) throw new TypeError('not a syntax tree');
  return value;
}
