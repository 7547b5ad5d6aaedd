// Parses AWS's shared files: sections of settings, with one more level below an empty setting. Pure; takes time in
// proportion to the length.
// See https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html, and botocore's configloader.py for what that
// leaves open.
import { GlanceError } from '../../errors.ts';

/** Settings by name, in lower case. A map holds the settings indented below an empty one: `s3 =`. */
export type Section = ReadonlyMap<string, string | ReadonlyMap<string, string>>;

/** Sections by the text between their brackets. A map, since a profile may be called `__proto__`. */
export type Sections = ReadonlyMap<string, Section>;

/**
 * The sections of a file. Sections of the same name are merged; of settings with the same name, the last one counts.
 * @throws GlanceError `config.invalid`, whose message names the line but shows nothing of it
 */
export function parseIni(text: string): Sections {
  const reader = new IniReader();
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const [index, line] of lines.entries()) reader.read(line, index + 1);
  return reader.sections;
}

type Settings = Map<string, string | Map<string, string>>;

class IniReader {
  readonly sections = new Map<string, Settings>();
  #section: Settings | null = null;
  /** The setting to which an indented line belongs. */
  #name: string | null = null;
  #indent = 0;

  read(line: string, number: number): void {
    const content = withoutComment(line).trim();
    if (content === '') return;
    const indent = line.length - line.trimStart().length;
    if (this.#name !== null && indent > this.#indent) this.#readBelow(this.#name, content, number);
    else if (content.startsWith('[')) this.#open(content, number);
    else this.#readSetting(content, indent, number);
  }

  #open(content: string, number: number): void {
    const end = content.lastIndexOf(']');
    if (end < 0) throw badLine(number, 'opens a section and does not close it with "]"');
    const title = content.slice(1, end).trim();
    this.#section = this.sections.get(title) ?? new Map<string, string>();
    this.sections.set(title, this.#section);
    this.#name = null;
  }

  #readSetting(content: string, indent: number, number: number): void {
    const pair = splitSetting(content);
    if (pair === null) throw badLine(number, 'is neither a [section] nor a setting, NAME = VALUE');
    if (this.#section === null) throw badLine(number, 'is a setting outside of any [section]');
    const [name, value] = pair;
    this.#section.set(name, value);
    this.#name = name;
    this.#indent = indent;
  }

  /** An indented line continues the value above it or, if that is empty, is a setting below it. */
  #readBelow(name: string, content: string, number: number): void {
    const above = this.#section?.get(name);
    if (typeof above === 'string' && above !== '') {
      this.#section?.set(name, `${above}\n${content}`);
      return;
    }
    const pair = splitSetting(content);
    if (pair === null) throw badLine(number, 'is indented below a setting without a value, and is not a setting');
    const below = above instanceof Map ? above : new Map<string, string>();
    this.#section?.set(name, below.set(...pair));
  }
}

/** Removes a comment: from a `#` or `;` at the start of the line or after white space. */
function withoutComment(line: string): string {
  for (let at = 0; at < line.length; at++) {
    const isMark = line[at] === '#' || line[at] === ';';
    if (isMark && line.slice(Math.max(0, at - 1), at).trim() === '') return line.slice(0, at);
  }
  return line;
}

/** The name, in lower case, and the value; null if there is no `=` or `:`. */
function splitSetting(content: string): [name: string, value: string] | null {
  const at = content.search(/[=:]/);
  if (at <= 0) return null;
  return [content.slice(0, at).trim().toLowerCase(), content.slice(at + 1).trim()];
}

function badLine(number: number, what: string): GlanceError {
  return new GlanceError('config.invalid', `line ${String(number)} ${what}`);
}
