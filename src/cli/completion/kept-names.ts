// Where the names of images are kept for the cloud that the options of a command select.
import { KeptNames } from '../../client/names/kept-names.ts';
import { secretFlags } from '../options/cloud-options.ts';
import type { GlobalOptions } from '../options/options.ts';
import type { Runtime } from '../runtime.ts';

const isPlace = (option: string): boolean => /^(?:endpoint|imageApiVersion|os[A-Z]\w*)$/.test(option);

/** @returns null if `--no-token-cache` forbids keeping anything */
export function keptNamesOf(runtime: Runtime, options: GlobalOptions): KeptNames | null {
  if (options.tokenCache === false) return null;
  const secret = new Set(secretFlags(options));
  const flagOf = (name: string): string => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const place = Object.entries(options)
    .flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : []))
    .filter(([name]) => isPlace(name) && !secret.has(flagOf(name)))
    .toSorted(([left], [right]) => (left < right ? -1 : 1));
  return new KeptNames(runtime, place);
}
