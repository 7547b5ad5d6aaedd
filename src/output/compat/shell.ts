// Assignments that a UNIX shell can evaluate, as cliff's shell formatter writes them.
import { type PythonValue, str } from './python.ts';

/**
 * One line `NAME="VALUE"`. Blanks, `:` and `-` in names become `_`.
 * Differs from `openstack` for values with `$`, a backquote, or a `\` that means something: these are escaped, because
 * the line is made to be evaluated, and the name `$(command)` of a stranger's image would be run.
 */
export function dumpAssignment(name: string, value: PythonValue, prefix: string): string {
  const variable = name.toLowerCase().replace(/[ :-]/g, '_');
  return `${prefix}${variable}="${str(value).replace(/["$`]|\\(?=[\\"$`\n]|$)/g, String.raw`\$&`)}"\n`;
}
