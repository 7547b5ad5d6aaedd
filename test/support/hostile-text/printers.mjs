// What prints a text, by name: what is done with it, and units that are worst for it alone.
import { imageOf, load, method } from './built.mjs';

const escape = await load('text/escape.js');
const record = await load('output/record.js');
const render = await load('output/render.js');
const compatList = await load('output/compat/list.js');
const compatShow = await load('output/compat/show.js');
const { GlanceError } = await load('errors.js');
const { reportError } = await load('cli/console/report.js');

const plainStyle = { bold: (text) => text, dim: (text) => text };
async function printed(chunks) {
  for await (const chunk of chunks) chunk.toString();
}
const rendered = (format) => (text) => {
  const image = imageOf(text);
  const options = { keys: Object.keys(image), selected: null, format, width: 80, style: plainStyle, headers: true };
  return printed(render.renderOne({ ...options, row: image }));
};
const compatible = (format) => async (text) => {
  const common = { selected: null, indent: true, maxWidth: 80, isTerminal: true, prefix: '', humanReadable: true };
  const listed = { long: true, sort: 'name', sortColumns: [], sortDescending: false, printEmpty: true, quote: 'all' };
  const image = imageOf(text);
  if (format !== 'shell') await compatList.renderCompatList({ ...common, ...listed, images: [image, image], format });
  if (format !== 'csv') await compatShow.renderCompatShow({ ...common, image, format });
};

export const printers = {
  escaping: [
    (text) => [escape.escapeControls(text), escape.escapeJson(text), escape.escapeYaml(text), escape.hasDangers(text)],
    ['🏴\u{e0067}', '👩\u200d', '🇩', '#\ufe0f'],
  ],
  'a record for people': [
    async (text) => record.renderRecord({ name: text, tags: [text] }, { width: 80, style: plainStyle, headers: true }),
  ],
  'an error for people': [
    (text) =>
      reportError(new GlanceError('http.500', text), { format: 'human', debug: true, width: 80, paint: String }),
  ],
  'broken lines': [
    await method('output/compat/wrap.js', (own) => (text) => own.wrapText(text, 8)),
    ['a--b', '.-', '--a'],
  ],
  ...Object.fromEntries(['table', 'json', 'ndjson', 'yaml', 'csv', 'value'].map((name) => [name, [rendered(name)]])),
  ...Object.fromEntries(
    ['table', 'json', 'yaml', 'csv', 'value', 'shell'].map((name) => [`openstack's ${name}`, [compatible(name)]]),
  ),
};
