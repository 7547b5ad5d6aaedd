// Parses XML as stores send it: elements, text, the five entities. No DTD, and so none of its dangers.

export interface XmlElement {
  readonly name: string;
  /** The text directly within the element, with entities decoded. */
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface Draft {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

/** S3's answers have four levels. */
const maxDepth = 16;

/** A tag that consists only of its name, as most do. */
const plainTag = /^[A-Za-z_][\w.:-]*$/;
const elementName = /^[A-Za-z_][\w.:-]*/;

/**
 * Parses a document, and returns its root; null if it is not XML, has a DTD, or is nested too deeply. Ignores
 * attributes. Takes time in proportion to the length, which the caller bounds.
 * @param take called with each complete element directly below the root. Those for which it returns true are not added
 * to the root, so the thousand items of a list are never all in memory as elements.
 */
export function parseXml(text: string, take: (element: XmlElement) => boolean = () => false): XmlElement | null {
  const document: Draft = { name: '', text: '', children: [] };
  const open: Draft[] = [document];
  let at = text.startsWith('\ufeff') ? 1 : 0;
  for (;;) {
    const here = open.at(-1);
    if (here === undefined) return null;
    const start = text.indexOf('<', at);
    here.text += decodeEntities(text.slice(at, start < 0 ? undefined : start));
    if (start < 0) break;
    const end = text.indexOf('>', start);
    if (end < 0 || !applyTag(text.slice(start + 1, end), open)) return null;
    if (open.length === 2) takeLast(open, take);
    at = end + 1;
  }
  const [root] = document.children;
  return open.length === 1 && document.children.length === 1 && document.text.trim() === '' ? (root ?? null) : null;
}

/** @param tag the text between the brackets */
function applyTag(tag: string, open: Draft[]): boolean {
  if (tag.startsWith('?')) return true;
  if (tag.startsWith('/')) return open.pop()?.name === tag.slice(1).trimEnd();
  const name = plainTag.test(tag) ? tag : elementName.exec(tag)?.[0];
  if (name === undefined || open.length > maxDepth) return false;
  const element: Draft = { name, text: '', children: [] };
  open.at(-1)?.children.push(element);
  if (!tag.endsWith('/')) open.push(element);
  return true;
}

/** Called after a tag: directly below the root, either the root has just begun, or its last element has just ended. */
function takeLast([, root]: readonly Draft[], take: (element: XmlElement) => boolean): void {
  const last = root?.children.at(-1);
  if (last !== undefined && take(last)) root?.children.pop();
}

/** The first element with a name within another, or null. */
export function findElement(parent: XmlElement, name: string): XmlElement | null {
  return parent.children.find((child) => child.name === name) ?? null;
}

/** The text of the first element with a name, or null. */
export function findText(parent: XmlElement, name: string): string | null {
  return findElement(parent, name)?.text ?? null;
}

/** Text that is safe between tags. */
export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Anything that is not an entity stays as it is. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(?:#(\d{1,7})|#x([\da-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g, (whole, decimal, hex, name) => {
    if (typeof name === 'string') return entities[name] ?? whole;
    const code = typeof hex === 'string' ? Number.parseInt(hex, 16) : Number(decimal);
    return code > 0x10ffff ? whole : String.fromCodePoint(code);
  });
}
