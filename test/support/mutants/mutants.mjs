// The small errors (mutants) that can be made in a source file, one at a time. Types and strings are left alone.
import { parseAst } from 'vitest/node';

/**
 * @typedef {object} Mutant
 * @property {number} line from 1
 * @property {string} what the change, for a reader: before → after
 * @property {string} text the whole file with the error in it
 * @property {number} block offset of the innermost block around it; 0 for the file itself
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
  const edits = [];
  const blocks = [];
  visit(parseAst(source, { lang: 'ts' }), source, edits, blocks);
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
  const blocks = [];
  visit(parseAst(source, { lang: 'ts' }), source, [], blocks);
  const mark = (start) => `globalThis.reached?.add(${JSON.stringify(`${file}:${start}`)});`;
  let marked = mark(0);
  let from = 0;
  for (const { start } of blocks) {
    marked += source.slice(from, start + 1) + mark(start);
    from = start + 1;
  }
  return marked + source.slice(from);
}

function visit(node, source, edits, blocks) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const each of node) visit(each, source, edits, blocks);
    return;
  }
  if (typeof node.type !== 'string' || node.type.startsWith('Import')) return;
  if (node.type.startsWith('TS')) {
    // An expression with a type, such as `x as T`, is a node around the value.
    visit(node.expression, source, edits, blocks);
    return;
  }
  if (node.type === 'BlockStatement') blocks.push(node);
  edits.push(...editsOf(node, source));
  for (const [key, child] of Object.entries(node)) if (key !== 'parent') visit(child, source, edits, blocks);
}

function editsOf(node, source) {
  const { start, end } = node;
  const negated = ({ start: from, end: to }) => ({ start: from, end: to, by: `!(${source.slice(from, to)})` });
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
