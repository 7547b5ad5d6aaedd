// YAML as PyYAML's `safe_dump` writes it: keys sorted, long texts folded at 80 columns, ASCII only.
import { compareCodePoints, isDict, isList, type PythonDict, type PythonValue, reprFloat } from './python.ts';
import { chooseStyle } from './yaml-style.ts';

/** A YAML document, with a line feed at the end. */
export function dumpYaml(value: PythonValue): string {
  const writer = new YamlWriter();
  writer.writeNode(value, -2, false);
  return writer.finish();
}

/** A line is folded at the first space after this column. */
const bestWidth = 80;
/** Keys of this length or more are written after a `?`: PyYAML counts the tag `!!str` too. */
const longestKey = 123;

const shortEscapes: Readonly<Record<string, string>> = {
  '\0': '0',
  '\x07': 'a',
  '\b': 'b',
  '\t': 't',
  '\n': 'n',
  '\v': 'v',
  '\f': 'f',
  '\r': 'r',
  '\x1b': 'e',
  '"': '"',
  '\\': '\\',
  '\x85': 'N',
  '\xa0': '_',
  '\u2028': 'L',
  '\u2029': 'P',
};

class YamlWriter {
  readonly #parts: string[] = [];
  #column = 0;
  /** Whether a space, a line feed or nothing was written last. */
  #afterBlank = true;
  /** Whether the line has only spaces and marks such as `-` so far. */
  #atIndent = true;

  finish(): string {
    this.#lineBreak();
    return this.#parts.join('');
  }

  /** @param indent of the block that contains the value, -2 for the document */
  writeNode(value: PythonValue, indent: number, inDict: boolean): void {
    if (isList(value)) this.#writeList(value, indent, inDict);
    else if (isDict(value)) this.#writeDict(value, indent);
    else if (typeof value === 'string') this.#writeText(value, indent + 2, false);
    else this.#writePlain(scalarText(value), indent + 2, true);
  }

  #writeList(items: readonly PythonValue[], indent: number, inDict: boolean): void {
    if (items.length === 0) {
      this.#mark('[]', true);
      return;
    }
    const inner = inDict && !this.#atIndent ? indent : indent + 2;
    for (const item of items) {
      this.#indent(inner);
      this.#mark('-', true, true);
      this.writeNode(item, inner, false);
    }
  }

  #writeDict(dict: PythonDict, indent: number): void {
    if (dict.size === 0) {
      this.#mark('{}', true);
      return;
    }
    const inner = indent + 2;
    for (const [key, value] of [...dict].toSorted(([left], [right]) => compareCodePoints(left, right))) {
      this.#indent(inner);
      const isSimple = key !== '' && !/[\n\x85\u2028\u2029]/.test(key) && Array.from(key).length < longestKey;
      if (isSimple) {
        this.#writeText(key, inner + 2, true);
        this.#mark(':', false);
      } else {
        this.#mark('?', true, true);
        this.#writeText(key, inner + 2, false);
        this.#indent(inner);
        this.#mark(':', true, true);
      }
      this.writeNode(value, inner, true);
    }
  }

  #writeText(text: string, indent: number, isKey: boolean): void {
    switch (chooseStyle(text, isKey)) {
      case 'plain':
        this.#writePlain(text, indent, !isKey);
        return;
      case 'single':
        this.#writeSingle(text, indent, !isKey);
        return;
      case 'double':
        this.#writeDouble(Array.from(text), indent, !isKey);
    }
  }

  #writePlain(text: string, indent: number, canFold: boolean): void {
    if (!this.#afterBlank) this.#put(' ');
    this.#leaveBlank();
    for (const part of text.split(/( +)/)) {
      if (part === ' ' && canFold && this.#column > bestWidth) {
        this.#indent(indent);
        this.#leaveBlank();
      } else this.#put(part);
    }
  }

  #writeSingle(text: string, indent: number, canFold: boolean): void {
    this.#mark("'", true);
    const parts = text.split(/( +|\n+)/);
    for (const [index, part] of parts.entries()) {
      const isInside = (index > 1 || parts[0] !== '') && (index < parts.length - 2 || parts.at(-1) !== '');
      if (part.startsWith('\n')) {
        this.#lineBreak();
        for (let count = 0; count < part.length; count++) this.#lineBreak();
        this.#indent(indent);
      } else if (part === ' ' && canFold && isInside && this.#column > bestWidth) this.#indent(indent);
      else this.#put(part.replaceAll("'", "''"));
    }
    this.#mark("'", false);
  }

  /** A fold may come before a space or after an escaped character. */
  #writeDouble(text: readonly string[], indent: number, canFold: boolean): void {
    this.#mark('"', true);
    let start = 0;
    const flush = (end: number): void => {
      if (start < end) this.#put(text.slice(start, end).join(''));
      start = Math.max(start, end);
    };
    for (let end = 0; end <= text.length; end++) {
      const character = text[end];
      if (character === undefined || /["\\]|[^\x20-\x7e]/u.test(character)) {
        flush(end);
        if (character !== undefined) this.#put(escapeCharacter(character));
        start = end + 1;
      }
      const isInside = end > 0 && end < text.length - 1 && (character === ' ' || start >= end);
      if (!canFold || !isInside || this.#column + (end - start) <= bestWidth) continue;
      flush(end);
      this.#put('\\');
      this.#indent(indent);
      this.#leaveBlank();
      if (text[start] === ' ') this.#put('\\');
    }
    this.#mark('"', false);
  }

  #put(text: string): void {
    this.#parts.push(text);
    this.#column += text.length;
  }

  /** Writes a mark of YAML, with a space before it if one is needed. */
  #mark(mark: string, needsBlank: boolean, keepsIndent = false): void {
    this.#put(this.#afterBlank || !needsBlank ? mark : ` ${mark}`);
    this.#afterBlank = false;
    this.#atIndent = this.#atIndent && keepsIndent;
  }

  #leaveBlank(): void {
    this.#afterBlank = false;
    this.#atIndent = false;
  }

  #indent(indent: number): void {
    if (!this.#atIndent || this.#column > indent || (this.#column === indent && !this.#afterBlank)) this.#lineBreak();
    if (this.#column >= indent) return;
    this.#afterBlank = true;
    this.#put(' '.repeat(indent - this.#column));
  }

  #lineBreak(): void {
    this.#parts.push('\n');
    this.#column = 0;
    this.#afterBlank = true;
    this.#atIndent = true;
  }
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function scalarText(value: Exclude<PythonValue, string | readonly PythonValue[] | PythonDict>): string {
  if (typeof value !== 'object' || value === null) return String(value);
  const text = reprFloat(value.float);
  if (/^-?(?:inf|nan)$/.test(text)) return text.replace(/(?=inf|nan)/, '.');
  return text.includes('.') ? text : text.replace('e', '.0e');
}
