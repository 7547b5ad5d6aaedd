// The region of a cloud, and what it overrides. Pure.
import { GlanceError } from '../../errors.ts';
import { findSetting, findText, type Layer, layerOf } from './layer.ts';

/**
 * The layer that stands above the file's and below variables and flags: the region's name and its values.
 * A region that is asked for has to be in the cloud's list, if it has one; if none is asked for, it is the first.
 * @param above flags and variables, the strongest first
 * @param file what files say, the strongest first
 * @throws GlanceError `cloud.region`
 */
export function regionLayer(cloud: string, above: readonly Layer[], file: readonly Layer[]): Layer {
  const owner = file.find(({ regions }) => regions !== null);
  const regions = owner?.regions ?? [];
  const asked = findSetting(above, 'region_name');
  const own = findText(file, 'region_name');
  const wanted = findText(above, 'region_name') ?? own;
  const found = wanted === null ? regions[0] : regions.find(({ name }) => name === wanted);
  if (found !== undefined) {
    const name = { value: found.name, source: owner?.source ?? '' };
    return layerOf(new Map([...found.values.settings, ['region_name', name] as const]));
  }
  // What the file itself names is taken at its word: the list may be a vendor's that is out of date.
  if (asked === undefined || regions.length === 0 || wanted === own) return layerOf(new Map());
  const valid = [...new Set([...regions.map(({ name }) => name), ...(own === null ? [] : [own])])];
  throw new GlanceError(
    'cloud.region',
    `${asked.source}: cloud "${cloud}" has no region "${wanted ?? ''}", it has ${valid.join(', ')}`,
    { hint: 'choose one of them; upper and lower case differ' },
  );
}
