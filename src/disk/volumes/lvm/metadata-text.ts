// LVM2's metadata as text: sections and settings, whose values are numbers, strings or lists of them.
// @see https://gitlab.com/lvmteam/lvm2/-/blob/main/lib/format_text/export.c
import { damaged } from '../../blocks/reading.ts';

export type Value = number | string | readonly Value[];

/** If a name is repeated, the last one counts. */
export interface Section {
  readonly settings: ReadonlyMap<string, Value>;
  readonly sections: ReadonlyMap<string, Section>;
}

const deepest = 8;
const token = /\s+|#[^\n]*|"((?:[^"\\]|\\[^])*)"|([\w+.-]+)|[={}[\],]/y;

/** @throws UnreadableError if it is not such a text. Time and memory are proportional to its length. */
export function parseMetadata(text: string): Section {
  const tokens = new Tokens(text);
  const section = parseSection(tokens, 0);
  return tokens.next === null ? section : unparsable();
}

function unparsable(): never {
  return damaged('the LVM metadata cannot be parsed');
}

interface Token {
  readonly kind: 'word' | 'text' | 'sign';
  readonly value: string;
}

/** The tokens of a text, without comments and spaces. */
class Tokens {
  readonly #text: string;
  #position = 0;
  /** Null at the end. */
  next: Token | null;

  constructor(text: string) {
    this.#text = text;
    this.next = this.#read();
  }

  take(): Token {
    const taken = this.next ?? unparsable();
    this.next = this.#read();
    return taken;
  }

  /** Skips a sign if it comes next. */
  skip(sign: string): boolean {
    if (this.next?.kind !== 'sign' || this.next.value !== sign) return false;
    this.take();
    return true;
  }

  #read(): Token | null {
    while (this.#position < this.#text.length) {
      token.lastIndex = this.#position;
      const [found, text, word] = token.exec(this.#text) ?? unparsable();
      this.#position += found.length;
      if (text !== undefined) return { kind: 'text', value: text.replaceAll(/\\([^])/g, '$1') };
      if (word !== undefined) return { kind: 'word', value: word };
      if ('={}[],'.includes(found)) return { kind: 'sign', value: found };
    }
    return null;
  }
}

function parseSection(tokens: Tokens, depth: number): Section {
  if (depth > deepest) unparsable();
  const settings = new Map<string, Value>();
  const sections = new Map<string, Section>();
  while (tokens.next !== null && tokens.next.value !== '}') {
    const { kind, value: name } = tokens.take();
    if (kind === 'sign') unparsable();
    if (tokens.skip('=')) settings.set(name, parseValue(tokens, depth));
    else if (tokens.skip('{')) {
      sections.set(name, parseSection(tokens, depth + 1));
      if (!tokens.skip('}')) unparsable();
    } else unparsable();
  }
  return { settings, sections };
}

function parseValue(tokens: Tokens, depth: number): Value {
  if (depth > deepest) unparsable();
  if (!tokens.skip('[')) {
    const { kind, value } = tokens.take();
    if (kind === 'sign') unparsable();
    return kind === 'word' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  }
  const values: Value[] = [];
  while (!tokens.skip(']')) {
    values.push(parseValue(tokens, depth + 1));
    if (!tokens.skip(',') && tokens.next?.value !== ']') unparsable();
  }
  return values;
}

/** A number ≥ 0. @throws UnreadableError if it is missing or of another type */
export function numberIn({ settings }: Section, name: string): number {
  const value = settings.get(name);
  return typeof value === 'number' && value >= 0 ? value : damaged(`the LVM metadata has no valid ${name}`);
}

/** @throws UnreadableError if it is missing or of another type */
export function textIn({ settings }: Section, name: string): string {
  const value = settings.get(name);
  return typeof value === 'string' ? value : damaged(`the LVM metadata has no valid ${name}`);
}

/** Empty if it is missing or of another type. */
export function listIn({ settings }: Section, name: string): readonly Value[] {
  const value = settings.get(name);
  return typeof value === 'object' ? value : [];
}

/** Empty if it is missing. */
export function sectionIn({ sections }: Section, name: string): Section {
  return sections.get(name) ?? { settings: new Map(), sections: new Map() };
}
