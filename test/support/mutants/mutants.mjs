// The small errors (mutants) that can be made in a source file, one at a time. Types and strings are left alone.
import { parseAst } from 'vitest/node';

/** @import { ESTree } from 'rolldown/utils' */

/**
 * @typedef {object} Mutant
 * @property {number} line from 1
 * @property {string} what the change, for a reader: before → after
 * @property {string} text the whole file with the error in it
 * @property {number} block offset of the innermost block around it; 0 for the file itself
 *
 * @typedef {{ start: number, end: number, by: string }} Edit what is put in the place of which characters
 */

/** Operators and what they may be mistaken for. @type {Readonly<Record<string, readonly string[]>>} */
const mistaken = {
  '<': ['<=', '>='],
  '<=': ['<', '>'],
  '>': ['>=', '<='],
  '>=': ['>', '<'],
  '===': ['!=='],
  '!==': ['==='],
  '+': ['-'],
  '-': ['+'],
  '*': ['/'],
  '/': ['*'],
  '%': ['*'],
  '&&': ['||'],
  '||': ['&&'],
  '??': ['&&'],
  '+=': ['-='],
  '-=': ['+='],
};

/** All errors that can be made in a file. @param {string} source @returns {readonly Mutant[]} */
export function findMutants(source) {
  const { edits, blocks } = findEdits(source);
  return edits.map(({ start, end, by }) => {
    const lineStart = source.lastIndexOf('\n', start - 1) + 1;
    const was = source.slice(start, end).replaceAll(/\s+/g, ' ');
    return {
      line: source.slice(0, lineStart).split('\n').length,
      what: `${was.length > 90 ? `${was.slice(0, 90)}…` : was} → ${by.length > 90 ? '!(…)' : by || '(removed)'}`,
      text: source.slice(0, start) + by + source.slice(end),
      block: blocks.findLast((block) => block.start < start && end <= block.end)?.start ?? 0,
    };
  });
}

/** The source, with code added that records each block that is reached. @param {string} source @param {string} file */
export function markBlocks(source, file) {
  const { blocks } = findEdits(source);
  const mark = (/** @type {number} */ start) => `globalThis.reached?.add(${JSON.stringify(`${file}:${start}`)});`;
  let marked = mark(0);
  let from = 0;
  for (const { start } of blocks) {
    marked += source.slice(from, start + 1) + mark(start);
    from = start + 1;
  }
  return marked + source.slice(from);
}

/** What can be changed, and all blocks, in the order of the source. @param {string} source */
function findEdits(source) {
  /** @type {Edit[]} */
  const edits = [];
  /** @type {ESTree.Node[]} */
  const blocks = [];
  /** @param {unknown} value a node, several, or what else belongs to one */
  const visit = (value) => {
    if (Array.isArray(value)) value.forEach(visit);
    if (!isNode(value) || value.type.startsWith('Import')) return;
    if (value.type.startsWith('TS')) {
      // An expression with a type, such as `x as T`, is a node around the value.
      if ('expression' in value) visit(value.expression);
      return;
    }
    if (value.type === 'BlockStatement') blocks.push(value);
    edits.push(...editsOf(value, source));
    for (const [key, child] of Object.entries(value)) if (key !== 'parent') visit(child);
  };
  visit(parseAst(source, { lang: 'ts' }));
  return { edits, blocks };
}

/** @param {unknown} value @returns {value is ESTree.Node} */
function isNode(value) {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

/** @param {ESTree.Node} node @param {string} source @returns {Edit[]} */
function editsOf(node, source) {
  const { start, end } = node;
  const negated = (/** @type {ESTree.Span} */ { start: from, end: to }) => ({
    start: from,
    end: to,
    by: `!(${source.slice(from, to)})`,
  });
  // oxlint-disable-next-line typescript/switch-exhaustiveness-check -- few of many kinds of nodes are changed
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
    case 'AssignmentExpression': {
      // The operator stands after the left operand, which may contain the same characters.
      const others = mistaken[node.operator] ?? [];
      const at = source.indexOf(node.operator, node.left.end);
      return others.map((by) => ({ start: at, end: at + node.operator.length, by }));
    }
    case 'IfStatement':
    case 'ConditionalExpression':
    case 'WhileStatement':
      return [negated(node.test)];
    case 'UnaryExpression':
      return node.operator === '!' ? [{ start, end: node.argument.start, by: '' }] : [];
    case 'Literal':
      if (typeof node.value === 'boolean') return [{ start, end, by: String(!node.value) }];
      if (typeof node.value === 'number')
        return [1, -1].map((by) => ({ start, end, by: `(${String(node.value + by)})` }));
      return [];
    case 'ReturnStatement':
      return node.argument === null || /^(?:undefined|null)$/.test(source.slice(node.argument.start, node.argument.end))
        ? []
        : [{ start, end, by: 'return undefined;' }];
    case 'ExpressionStatement':
      return /^super\b/.test(source.slice(start, end)) ? [] : [{ start, end, by: ';' }];
    default:
      return [];
  }
}
