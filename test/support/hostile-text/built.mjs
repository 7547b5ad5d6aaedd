// What is built, and an image with a text in many places.
const built = new URL('../../../dist/', import.meta.url);
export const load = (path) => import(new URL(path, built).href);

/** What `make` returns for a module. */
export async function method(path, make) {
  return make(await load(path));
}

const v2 = await load('image/v2/records.js');

export const imageOf = (text) =>
  v2.parseV2Image(
    {
      id: '1',
      name: text,
      status: 'active',
      hw_cpu_cores: text,
      instance_type_rxtx_factor: text,
    },
    () => undefined,
  );
