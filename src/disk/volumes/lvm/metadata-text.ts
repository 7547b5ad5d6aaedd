// The text in which LVM2 keeps its metadata: sections, settings, numbers, strings and lists of them.
// @see https://gitlab.com/lvmteam/lvm2/-/blob/main/lib/format_text/export.c
import { damaged } from '../../blocks/reading.ts';

export type Value = number | string | readonly Value[];

/** Names as they are written, each once: the last one counts. */
export interface Section {
  readonly settings: ReadonlyMap<string, Value>;
  readonly sections: ReadonlyMap<string, Section>;
}

const deepest = 8;
const token = /\s+|#[^\n]*|"((?:[^"\\]|\\[^])*)"|([\w+.-]+)|[={}[\],]/y;

/** @throws UnreadableError if it is no such text. Time and memory are in proportion to its length. */
export function parseMetadata(text: string): Section {
  const tokens = new Tokens(text);
  const section = parseSection(tokens, 0);
  return tokens.next === null ? section : nonsense();
}

function nonsense(): never {
  return damaged('metadata of LVM that make no sense');
}

interface Token {
  readonly kind: 'word' | 'text' | 'sign';
  readonly value: string;
}

/** One after the other, comments and spaces left out. */
class Tokens {
  readonly #text: string;
  #position = 0;
  /** Null behind the last. */
  next: Token | null;

  constructor(text: string) {
    this.#text = text;
    this.next = this.#read();
  }

  take(): Token {
    const taken = this.next ?? nonsense();
    this.next = this.#read();
    return taken;
  }

  /** Takes a sign if it is the next one. */
  skip(sign: string): boolean {
    if (this.next?.kind !== 'sign' || this.next.value !== sign) return false;
    this.take();
    return true;
  }

  #read(): Token | null {
    while (this.#position < this.#text.length) {
      token.lastIndex = this.#position;
      const [found, text, word] = token.exec(this.#text) ?? nonsense();
      this.#position += found.length;
      if (text !== undefined) return { kind: 'text', value: text.replaceAll(/\\([^])/g, '$1') };
      if (word !== undefined) return { kind: 'word', value: word };
      if ('={}[],'.includes(found)) return { kind: 'sign', value: found };
    }
    return null;
  }
}

function parseSection(tokens: Tokens, depth: number): Section {
  if (depth > deepest) nonsense();
  const settings = new Map<string, Value>();
  const sections = new Map<string, Section>();
  while (tokens.next !== null && tokens.next.value !== '}') {
    const { kind, value: name } = tokens.take();
    if (kind === 'sign') nonsense();
    if (tokens.skip('=')) settings.set(name, parseValue(tokens, depth));
    else if (tokens.skip('{')) {
      sections.set(name, parseSection(tokens, depth + 1));
      if (!tokens.skip('}')) nonsense();
    } else nonsense();
  }
  return { settings, sections };
}

function parseValue(tokens: Tokens, depth: number): Value {
  if (depth > deepest) nonsense();
  if (!tokens.skip('[')) {
    const { kind, value } = tokens.take();
    if (kind === 'sign') nonsense();
    return kind === 'word' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  }
  const values: Value[] = [];
  while (!tokens.skip(']')) {
    values.push(parseValue(tokens, depth + 1));
    if (!tokens.skip(',') && tokens.next?.value !== ']') nonsense();
  }
  return values;
}

/** A number from 0 on. @throws UnreadableError if it is missing or something else */
export function numberIn({ settings }: Section, name: string): number {
  const value = settings.get(name);
  return typeof value === 'number' && value >= 0 ? value : damaged(`metadata of LVM without ${name}`);
}

/** @throws UnreadableError if it is missing or something else */
export function textIn({ settings }: Section, name: string): string {
  const value = settings.get(name);
  return typeof value === 'string' ? value : damaged(`metadata of LVM without ${name}`);
}

/** Empty if it is missing or something else. */
export function listIn({ settings }: Section, name: string): readonly Value[] {
  const value = settings.get(name);
  return typeof value === 'object' ? value : [];
}

/** An empty one if it is missing. */
export function sectionIn({ sections }: Section, name: string): Section {
  return sections.get(name) ?? { settings: new Map(), sections: new Map() };
}
