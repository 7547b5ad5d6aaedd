import { storeKeys } from '../../../client/image.ts';
import { listStores } from '../../../client/images.ts';
import { renderList } from '../../../output/render.ts';
import type { Context } from '../../context.ts';
import { storeColumns } from './columns.ts';

/** `stores`: where the cloud keeps image data. */
export async function stores(context: Context): Promise<void> {
  const { runtime, connection } = context;
  const found = await listStores(connection, runtime.signal);
  await context.print(
    renderList({
      pages: [found],
      columns: storeColumns,
      keys: storeKeys,
      ...(await context.resultOptions()),
    }),
  );
}
