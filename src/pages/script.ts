// The script of a page: it filters tables as the user types, sorts them by any column, and copies texts. Pages are
// complete without it. It shows only the first rows of a long table, because the browser lays out every row that is
// shown.

/** Rows to show until the user asks for all. */
const shownRows = 300;

/** The script of every page, in plain JavaScript for browsers of the last five years. */
export const script = `
for (const table of document.querySelectorAll('table.rows')) {
  const body = table.tBodies[0];
  let rows = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() }));
  let limit = ${String(shownRows)};
  const field = document.getElementById(table.dataset.filter);
  const count = document.getElementById(table.dataset.count);
  const more = document.createElement('button');
  more.type = 'button';
  more.className = 'act';
  table.after(more);
  const show = () => {
    const words = (field.value || '').toLowerCase().split(/\\s+/).filter(Boolean);
    let found = 0;
    for (const { row, text } of rows) {
      const fits = words.every((word) => text.includes(word));
      const hidden = !fits || found >= limit;
      if (fits) found += 1;
      if (row.hidden !== hidden) row.hidden = hidden;
    }
    more.hidden = found <= limit;
    more.textContent = 'show all ' + found;
    count.textContent = found === rows.length ? rows.length + ' images' : found + ' of ' + rows.length + ' images';
  };
  more.addEventListener('click', () => {
    limit = Infinity;
    show();
  });
  field.addEventListener('input', show);
  field.form?.addEventListener('submit', (event) => event.preventDefault());
  field.closest('.field').hidden = false;
  const natural = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  for (const [index, head] of [...table.tHead.rows[0].cells].entries()) {
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const down = head.getAttribute('aria-sort') === 'ascending';
      for (const other of table.tHead.rows[0].cells) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const keyed = rows.map((entry) => {
        const cell = entry.row.cells[index];
        return { entry, key: cell.dataset.sort ?? cell.textContent };
      });
      keyed.sort((a, b) => (a.key === '') - (b.key === '') || natural.compare(a.key, b.key) * (down ? -1 : 1));
      rows = keyed.map(({ entry }) => entry);
      body.append(...rows.map(({ row }) => row));
      show();
    });
  }
  show();
}
const copy = async (text) => {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand('copy');
  area.remove();
};
for (const button of document.querySelectorAll('button[data-copy]')) {
  button.hidden = false;
  const before = button.textContent;
  button.addEventListener('click', async () => {
    await copy(button.dataset.copy);
    button.focus();
    button.textContent = 'copied';
    setTimeout(() => (button.textContent = before), 1500);
  });
}
`;
