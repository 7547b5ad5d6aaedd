// Hundreds of disk images: healthy and hostile ones of every format, each with the findings it must have.
import { legacySamples } from './corpus/legacy.ts';
import { qcow2Samples } from './corpus/qcow2.ts';
import { rawSamples } from './corpus/raw.ts';
import type { Sample } from './corpus/sample.ts';
import { vhdSamples } from './corpus/vhd.ts';
import { vhdxSamples } from './corpus/vhdx.ts';
import { vmdkSamples } from './corpus/vmdk.ts';

export type { Sample } from './corpus/sample.ts';

/** All of them. */
export const corpus: readonly Sample[] = [
  ...qcow2Samples,
  ...legacySamples,
  ...vhdSamples,
  ...vhdxSamples,
  ...vmdkSamples,
  ...rawSamples,
];
