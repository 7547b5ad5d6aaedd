// YAML output. A separate module, so that the library is loaded only for -f yaml.
import { Document, Scalar, visit } from 'yaml';
import { escapeYaml, hasDangers } from '../text/escape.ts';

/**
 * The value as a YAML document. Strings are quoted if a reader of YAML 1.2 or 1.1 would take them for something else:
 * PyYAML reads a bare `yes` as a boolean and a bare `<<` as a merge. Control characters are escaped.
 */
export function toYaml(value: unknown): string {
  const document = new Document(value, { version: '1.2', compat: 'yaml-1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value === 'string' && mustBeQuoted(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return escapeYaml(document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.POSITIVE_INFINITY }));
}

function mustBeQuoted(text: string): boolean {
  // The library's block scalars lose white space at the ends of lines.
  return text === '<<' || text === '=' || /^\s|[^\S\n]\n|\n\s|[^\S\n]$/.test(text) || hasDangers(text);
}
