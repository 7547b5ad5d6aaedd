// Templates of file names, `images/{name}-{id}.{format}`: the user chooses one part of the path, values of the image
// the rest. A value is part of a single name: it can neither add a separator nor leave the directory.
import { sep } from 'node:path';
import { GlanceError } from '../../errors.ts';
import type { Image } from '../../image/image.ts';
import { suggestNames } from '../../text/nearest.ts';
import {
  cleanName,
  cutName,
  maxFileNameBytes,
  safeFileName,
  safeText,
  unreserve,
} from '../../transfer/files/file-name.ts';

const keys = ['name', 'id', 'format', 'created', 'checksum'] as const;
type Key = (typeof keys)[number];

/** The user's text, or the key of a value. */
type Part = string | { readonly key: Key };

/** One name in a path. */
interface Component {
  readonly stem: readonly Part[];
  /** `.img`, `.{format}`: a mark that distinguishes images goes before this. */
  readonly ending: readonly Part[];
}

/** The image fields from which values are taken. */
export type NamingImage = Pick<Image, 'id' | 'name' | 'disk_format' | 'created_at' | 'checksum'>;

export type Template = readonly Component[];

/** The path that a template yields. */
interface FilledPath {
  /** Relative if the template is. */
  readonly path: string;
  /** The directories in it whose names contain values. */
  readonly chosen: readonly string[];
}

/**
 * Parses a template: `{name}`, `{id}`, `{format}`, `{created}` and `{checksum}` are replaced by values; `{{` and `}}`
 * mean braces. One that can only mean a directory, such as `{name}/.`, ends in an empty name.
 * @throws GlanceError `usage.option` for any other key, and for a single brace
 */
export function parseTemplate(text: string): Template {
  const components: Part[][] = [[]];
  const add = (part: Part): void => {
    const last = components.at(-1) ?? [];
    const before = last.at(-1);
    if (typeof part === 'string' && typeof before === 'string') last[last.length - 1] = before + part;
    else last.push(part);
  };
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '/' || character === sep) components.push([]);
    else if (character !== '{' && character !== '}') add(character);
    else if (text.charAt(at + 1) === character) add(text.charAt(at++));
    else {
      const end = character === '{' ? text.indexOf('}', at) : -1;
      if (end < 0) throw loneBrace(character);
      add({ key: parseKey(text.slice(at + 1, end)) });
      at = end;
    }
  }
  const [last, ...more] = components.at(-1) ?? [];
  if ((last === '.' || last === '..') && more.length === 0) components.push([]);
  return components.map(splitEnding);
}

/** Whether a template contains any value. */
export function hasValues(template: Template): boolean {
  return template.some(isChosen);
}

/** The text of a template before the first name with a value in it: a directory, unless there is no value at all. */
export function fixedPart(template: Template): string {
  const at = template.findIndex(isChosen);
  const fixed = at < 0 ? template : [...template.slice(0, at), { stem: [], ending: [] }];
  const textOf = ({ stem, ending }: Component): string =>
    [...stem, ...ending].filter((part) => typeof part === 'string').join('');
  return fixed.map(textOf).join('/');
}

/**
 * The path of an image's file. If the template ends in an empty name, it is that of a directory, in which the file gets the
 * image's name.
 * @param mark distinguishes it from other files of that name; empty if there are none
 * @throws GlanceError `usage.option` for a value that the image does not have; `io.name` for a name that would be too
 * long or empty
 */
export function fillTemplate(template: Template, image: NamingImage, mark: string): FilledPath {
  const names: string[] = [];
  const chosen: string[] = [];
  for (const [index, component] of template.entries()) {
    const isLast = index === template.length - 1;
    if (isLast && component.stem.length === 0) {
      names.push(safeFileName(image.name, image.id, image.disk_format, mark));
      continue;
    }
    names.push(fillComponent(component, image, isLast ? mark : ''));
    if (!isLast && isChosen(component)) chosen.push(names.join('/'));
  }
  return { path: names.join('/'), chosen };
}

/** Whether a name contains a value. */
function isChosen({ stem, ending }: Component): boolean {
  return [...stem, ...ending].some((part) => typeof part !== 'string');
}

function parseKey(text: string): Key {
  const found = keys.find((key) => key === text);
  if (found !== undefined) return found;
  const all = `there are ${keys.map((key) => `{${key}}`).join(', ')}; {{ and }} are braces`;
  throw new GlanceError('usage.option', `the path contains {${text}}, which is not a key`, {
    hint: suggestNames(text, keys) ?? all,
  });
}

function loneBrace(character: string): GlanceError {
  return new GlanceError('usage.option', `the path contains an unpaired ${character}`, {
    hint: `write ${character.repeat(2)} for one in a name`,
  });
}

/** An ending counts as one only if something precedes it. */
function splitEnding(parts: readonly Part[]): Component {
  const [before, last] = [parts.at(-2), parts.at(-1)];
  if (typeof last === 'string') {
    const dot = last.lastIndexOf('.');
    const isEnding = (dot > 0 || parts.length > 1) && /^\.[a-z0-9]{1,10}$/i.test(last.slice(dot));
    if (isEnding) return { stem: [...parts.slice(0, -1), last.slice(0, dot)], ending: [last.slice(dot)] };
  } else if (last?.key === 'format' && typeof before === 'string' && before.endsWith('.')) {
    const stem = [...parts.slice(0, -2), before.slice(0, -1)];
    if (stem.some((part) => part !== '')) return { stem, ending: ['.', last] };
  }
  return { stem: parts, ending: [] };
}

/** If the result is too long, the image's name is cut. */
function fillComponent(component: Component, image: NamingImage, mark: string): string {
  const tail = mark === '' ? '' : `-${mark}`;
  const parts = [...component.stem, tail, ...component.ending];
  const texts = parts.map((part) => ({
    text: typeof part === 'string' ? part : valueOf(part.key, image),
    yields: typeof part !== 'string' && part.key === 'name',
  }));
  const fixed = texts.map(({ text, yields }) => (yields ? '' : text)).join('');
  const room = maxFileNameBytes - Buffer.byteLength(fixed);
  const share = Math.floor(room / texts.filter(({ yields }) => yields).length);
  const cut = texts.map(({ text, yields }) => (yields ? cutName(text, share) : text));
  if (!isChosen(component)) return cut.join('');
  const isLost = texts.some(({ yields }, index) => yields && cut[index] === '');
  if (room >= 0 && !isLost) return unreserve(cut.join(''));
  throw new GlanceError('io.name', `image ${image.id} would get a file name too long for any file system`, {
    hint: 'use fewer values, or shorter text around them',
  });
}

/** A value, made safe as part of a name. */
function valueOf(key: Key, image: NamingImage): string {
  const { id, name, disk_format, created_at, checksum } = image;
  if (key === 'name') return safeText(name, id);
  if (key === 'id') return safeText(null, id);
  if (key === 'format') return cleanName(disk_format ?? '') || 'img';
  const value = key === 'created' ? compactTime(created_at) : checksum;
  const text = cleanName(value ?? '');
  if (text !== '') return text;
  throw new GlanceError(
    'usage.option',
    `the path contains {${key}}, but image ${name ?? id} (${id}) has no such value`,
    {
      image: id,
      hint: 'use {id} instead',
    },
  );
}

/** Turns `2026-01-31T12:00:00.5Z` into `20260131T120000Z`. */
function compactTime(time: string | null): string | null {
  return time === null ? null : `${time.slice(0, 19).replaceAll(/[-:]/g, '')}Z`;
}
