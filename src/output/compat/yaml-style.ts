// Chooses the quotes of a text in YAML like PyYAML's analysis and implicit resolver.

type YamlStyle = 'plain' | 'single' | 'double';

/** Texts that PyYAML would read as a boolean, number, null, merge, value or timestamp, and so must be quoted. */
const resolved = [
  /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/,
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?)$/,
  /^(?:[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/,
  /^(?:<<|~|null|Null|NULL||=)$/,
  /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?$/,
];

/** What needs double quotes: anything except line feeds and printable ASCII, and spaces before a line feed. */
const special = /[^\n\x20-\x7e]| \n/;
/** Marks with a meaning at the start, or before or after a space; spaces and line feeds at either end. */
const indicators = /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?=[ \n]|$))|:(?=[ \n]|$)|[ \n]#|^[ \n]|[ \n]$/;

/** Longest text in which to match the patterns exactly: they take memory for each part of a text such as `1:1:1:1`. */
const longestExact = 64 * 1024;

function isResolved(text: string): boolean {
  if (text.length > longestExact) return /^[-+\d:._]*$/.test(text);
  return resolved.some((pattern) => pattern.test(text));
}

/**
 * The style of a text in a block of YAML.
 * @param isKey whether it is before a colon, where it cannot be empty or have several lines
 */
export function chooseStyle(text: string, isKey: boolean): YamlStyle {
  const isMultiline = text.includes('\n');
  if (special.test(text)) return 'double';
  const isPlain = !isMultiline && !indicators.test(text) && text !== '';
  if (isPlain && !isResolved(text)) return 'plain';
  return text.includes('\n ') || (isKey && isMultiline) ? 'double' : 'single';
}
