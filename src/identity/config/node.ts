// What a configuration file says, whatever it was written in. Nothing in it is believed to be anything but text: what is a
// number or a switch is decided by the setting it belongs to, so a password 0123 stays that.

/** Part of a file. Null is YAML's null, an empty value, or what is not there. */
export type ConfigNode = string | null | readonly ConfigNode[] | ConfigMap;
/** Settings by name, as they are written. A map, since a cloud may be called `__proto__`. */
export type ConfigMap = ReadonlyMap<string, ConfigNode>;

/** The map under a key, or an empty one. */
export function mapAt(node: ConfigNode | undefined, key: string): ConfigMap {
  const found = node instanceof Map ? (node as ConfigMap).get(key) : undefined;
  return found instanceof Map ? (found as ConfigMap) : new Map();
}

/** YAML's null, as it is written without quotes. @see https://yaml.org/spec/1.2.2/#1032-tag-resolution */
export function isNull(plain: string): boolean {
  return /^(?:|~|null|Null|NULL)$/.test(plain);
}
