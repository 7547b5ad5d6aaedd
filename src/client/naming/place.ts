// Decides where the data of an image goes.
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { GlanceError } from '../../errors.ts';
import { absoluteFilePath, absolutePath, namesDirectory } from '../../local/places.ts';
import { safeFileName } from '../../transfer/files/file-name.ts';
import {
  checkDirectory,
  inspectTarget,
  isDirectory,
  isLink,
  isThere,
  makeDirectory,
} from '../../transfer/files/target.ts';
import { fillTemplate, fixedPart, hasValues, type NamingImage, parseTemplate, type Template } from './template.ts';

/** How to name the files of images. */
export interface Naming {
  /** Absolute. */
  readonly directory: string;
  /** Relative to the directory; null: files are named after the images. */
  readonly template: Template | null;
}

/** Where somebody wants image data: one file, or a way to name the file of each image. */
export type NamedPlace = { readonly path: string } | Naming;

/**
 * How to name the files of images.
 * @param cwd absolute; null if there is no working directory
 * @param text a directory; or, with `isTemplate`, a template
 * @throws GlanceError `usage.option` for an invalid template; `io.missing` without a working directory
 */
export function namingOf(cwd: string | null, text: string, isTemplate: boolean): Naming {
  return isTemplate ? byTemplate(cwd, parseTemplate(text)) : { directory: absolutePath(cwd, text), template: null };
}

/**
 * The place of one image's file.
 * @param text its path; or, with `isTemplate`, a template
 * @throws as {@link namingOf}; GlanceError `io.not_regular` for a path that names a directory
 */
export function placeOfOne(cwd: string | null, text: string, isTemplate: boolean): NamedPlace {
  return isTemplate ? namingOf(cwd, text, true) : { path: absoluteFilePath(cwd, text) };
}

function byTemplate(cwd: string | null, template: Template): Naming {
  const fixed = fixedPart(template);
  return { directory: isAbsolute(fixed) ? fixed : absolutePath(cwd, '.'), template };
}

/**
 * The place that a path means, with or without values in it. A path that names a directory, or is an existing
 * one, is for files named after the images.
 * @param cwd absolute; null if there is no working directory
 * @throws GlanceError `usage.option` for an invalid template; `io.missing` without a working directory
 */
export async function readPlace(cwd: string | null, text: string): Promise<NamedPlace> {
  const template = parseTemplate(text);
  if (hasValues(template)) return byTemplate(cwd, template);
  const plain = fixedPart(template);
  const path = absolutePath(cwd, plain);
  return namesDirectory(plain) || (await isDirectory(path)) ? { directory: path, template: null } : { path };
}

/**
 * The path of an image's file.
 * @param mark distinguishes it from other files of that name; empty if there are none
 * @throws GlanceError `usage.option` for a value that the image does not have; `io.name`, also if a link is in the
 * place of a directory whose name the image chooses
 */
export async function placeOf({ directory, template }: Naming, image: NamingImage, mark = ''): Promise<string> {
  if (template === null) return resolve(directory, safeFileName(image.name, image.id, image.disk_format, mark));
  const { path, chosen } = fillTemplate(template, image, mark);
  for (const each of chosen) {
    const way = resolve(directory, each);
    if (!(await isLink(way))) continue;
    throw new GlanceError('io.name', `${way}: it is a link, and the name of an image must not choose where it leads`, {
      hint: 'use another template, or remove the link',
    });
  }
  return resolve(directory, path);
}

/** The path of a call's only image. Creates nothing. @throws as {@link placeOf} */
export async function foreseePath(place: NamedPlace, image: NamingImage): Promise<string> {
  return 'path' in place ? place.path : await placeOf(place, image);
}

/**
 * {@link foreseePath}; if the file is named after the image, creates the directories in its path.
 * @throws as {@link placeOf}, {@link makeWay}
 */
export async function pathIn(place: NamedPlace, image: NamingImage): Promise<string> {
  const path = await foreseePath(place, image);
  if (!('path' in place)) await makeWay(path);
  return path;
}

/**
 * Creates the directory of a file, and those above it.
 * @param path of the file, absolute
 * @throws GlanceError `io.*`
 */
export async function makeWay(path: string): Promise<void> {
  await makeDirectory(dirname(path));
}

/**
 * Refuses, before any request, a place to which no data can go. Missing directories are created later.
 * @throws GlanceError `io.*`
 */
export async function checkPlace(place: NamedPlace): Promise<void> {
  if ('path' in place) {
    await inspectTarget(place.path);
    return;
  }
  const { directory, template } = place;
  let there = template === null ? directory : resolve(directory, fixedPart(template));
  while (!(await isThere(there)) && dirname(there) !== there) there = dirname(there);
  await checkDirectory(there);
}

/** The file that a path means, after following links. If it cannot be examined, the path stays as it is. */
export async function resolveTarget(path: string): Promise<string> {
  return await realpath(path).catch(async () =>
    join(await realpath(dirname(path)).catch(() => dirname(path)), basename(path)),
  );
}
