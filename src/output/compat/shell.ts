// Assignments that a UNIX shell can evaluate, as cliff's shell formatter writes them.
import { type PythonValue, str } from './python.ts';

/**
 * One line `NAME="VALUE"`. Spaces, `:` and `-` in names become `_`. Unlike `openstack`, this escapes `$`, backquotes and
 * meaningful `\` in values: the line is made to be evaluated, and would run the name `$(command)` of a stranger's image.
 */
export function dumpAssignment(name: string, value: PythonValue, prefix: string): string {
  const variable = name.toLowerCase().replace(/[ :-]/g, '_');
  return `${prefix}${variable}="${str(value).replace(/["$`]|\\(?=[\\"$`\n]|$)/g, String.raw`\$&`)}"\n`;
}
