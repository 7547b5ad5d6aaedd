// What prints a text, by name: what is done with it, and units that are worst for it alone.
import { reportError } from '../../../dist/cli/console/report.js';
import { GlanceError } from '../../../dist/errors.js';
import { renderCompatList } from '../../../dist/output/compat/list.js';
import { renderCompatShow } from '../../../dist/output/compat/show.js';
import { wrapText } from '../../../dist/output/compat/wrap.js';
import { renderRecord } from '../../../dist/output/record.js';
import { renderOne } from '../../../dist/output/render.js';
import { plainStyle } from '../../../dist/output/style.js';
import { escapeControls, escapeJson, escapeYaml, hasDangers } from '../../../dist/text/escape.js';
import { imageOf } from './built.mjs';

/** @import { CompatListOptions } from '../../../dist/output/compat/list.js' */
/** @import { CompatShowOptions } from '../../../dist/output/compat/show.js' */
/** @import { OutputFormat } from '../../../dist/output/render.js' */
/** @import { Case } from './texts.mjs' */

/** @param {OutputFormat} format @returns {Case[0]} */
const rendered = (format) => async (text) => {
  const image = imageOf(text);
  const options = { keys: Object.keys(image), selected: null, format, width: 80, style: plainStyle, headers: true };
  let printed = '';
  for await (const chunk of renderOne({ ...options, row: image })) printed += chunk;
  return printed;
};
/** @param {(CompatListOptions | CompatShowOptions)['format']} format @returns {Case[0]} */
const compatible = (format) => async (text) => {
  const image = imageOf(text);
  const common = { selected: null, indent: true, maxWidth: 80, isTerminal: true };
  const listed = { ...common, long: true, sort: 'name', sortColumns: [], sortDescending: false, printEmpty: true };
  if (format !== 'shell') await renderCompatList({ ...listed, images: [image, image], format, quote: 'all' });
  if (format !== 'csv') await renderCompatShow({ ...common, prefix: '', humanReadable: true, image, format });
};

/** @type {Readonly<Record<string, Case>>} */
export const printers = {
  escaping: [
    (text) => [escapeControls(text), escapeJson(text), escapeYaml(text), hasDangers(text)],
    ['🏴\u{e0067}', '👩\u200d', '🇩', '#\ufe0f'],
  ],
  'a record for people': [
    async (text) => renderRecord({ name: text, tags: [text] }, { width: 80, style: plainStyle, headers: true }),
  ],
  'an error for people': [
    (text) =>
      reportError(new GlanceError('http.500', text), { format: 'human', debug: true, width: 80, paint: String }),
  ],
  'broken lines': [(text) => wrapText(text, 8), ['a--b', '.-', '--a']],
  table: [rendered('table')],
  json: [rendered('json')],
  ndjson: [rendered('ndjson')],
  yaml: [rendered('yaml')],
  csv: [rendered('csv')],
  value: [rendered('value')],
  "openstack's table": [compatible('table')],
  "openstack's json": [compatible('json')],
  "openstack's yaml": [compatible('yaml')],
  "openstack's csv": [compatible('csv')],
  "openstack's value": [compatible('value')],
  "openstack's shell": [compatible('shell')],
};
