// The region of a cloud, and what it overrides. Pure.
import { GlanceError } from '../../errors.ts';
import { findSetting, findText, type Layer, layerOf } from './layer.ts';

/**
 * The layer between the file's and that of variables and flags: the name and values of the region. If the cloud has a
 * list of regions, a requested one must be in it; if none is requested, the first one is used.
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
  // A region that the file itself names is accepted even if it is not in the list, which may be an outdated one of the
  // vendor's.
  if (asked === undefined || regions.length === 0 || wanted === own) return layerOf(new Map());
  const valid = [...new Set([...regions.map(({ name }) => name), ...(own === null ? [] : [own])])];
  throw new GlanceError(
    'cloud.region',
    `${asked.source}: cloud "${cloud}" has no region "${wanted ?? ''}"; it has ${valid.join(', ')}`,
    { hint: 'choose one of them; upper and lower case differ' },
  );
}
