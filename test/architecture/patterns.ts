// Finds the regular expressions of a source file with a real parser.
import { parseAst } from 'vitest/node';
import type { Source } from './scan.ts';

/** A literal regular expression, or one built at run time. */
export interface Pattern {
  /** From src/, with slashes. */
  readonly path: string;
  /** `/source/flags`; null if it is built at run time. */
  readonly literal: { readonly source: string; readonly flags: string } | null;
}

/** Finds every literal, and every call of `RegExp`. @throws SyntaxError if it is not TypeScript */
export function findPatterns({ path, text }: Source): Pattern[] {
  const found: Pattern[] = [];
  const visit = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    const { type, regex, callee } = node as { type?: unknown; regex?: unknown; callee?: { name?: unknown } };
    if (type === 'Literal' && isRegex(regex)) {
      found.push({ path, literal: { source: regex.pattern, flags: regex.flags } });
    }
    if ((type === 'NewExpression' || type === 'CallExpression') && callee?.name === 'RegExp') {
      found.push({ path, literal: null });
    }
    for (const [key, child] of Object.entries(node)) if (key !== 'parent') visit(child);
  };
  visit(parseAst(text, { lang: 'ts' }));
  return found;
}

function isRegex(value: unknown): value is { pattern: string; flags: string } {
  return typeof value === 'object' && value !== null && 'pattern' in value && 'flags' in value;
}
