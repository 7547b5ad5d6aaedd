// Groups very many things, so that few of them are in memory at any time.

const pageSize = 1000;

export function* pagesOf<T>(items: Iterable<T>): Generator<readonly T[], void, undefined> {
  let page: T[] = [];
  for (const item of items) {
    page.push(item);
    if (page.length < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}
