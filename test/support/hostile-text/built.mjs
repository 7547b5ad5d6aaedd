// An image with a text in many places, read by what is built.
import { parseV2Image } from '../../../dist/image/v2/records.js';

/** @param {string} text */
export const imageOf = (text) =>
  parseV2Image({
    id: '1',
    name: text,
    status: 'active',
    hw_cpu_cores: text,
    instance_type_rxtx_factor: text,
  });
