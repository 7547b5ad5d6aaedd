// What is in an executable, as CycloneDX: the packages that npm knows of, and Node itself.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Of what npm prints, what is read or changed here.
 * @typedef {{ name: string, value: string }} Property
 * @typedef {{ 'bom-ref': string, name: string, properties: Property[] }} Component
 * @typedef {{ ref: string, dependsOn: string[] }} Dependency both are values of `bom-ref`
 * @typedef {{ metadata: { component: Component }, components: Component[], dependencies: Dependency[] }} Bill
 */

/**
 * @param {string} root of the repository
 * @param {{ version: string, integrity: string }} node that is in the executable
 * @param {readonly string[]} further directories of packages in it that are not dependencies of the program, such as those for
 *   queues, which users of npm install separately
 * @returns {string} JSON
 */
export function billOfMaterials(root, node, further) {
  const text = execFileSync('npm', ['sbom', '--sbom-format=cyclonedx', '--sbom-type=application'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  /** @type {Bill} */
  const bill = JSON.parse(text);
  const held = new Set(further.map((directory) => referenceOf(directory)));
  // `--omit=dev` would also leave out packages that are dependencies of packages for development.
  const packages = bill.components.filter(
    (component) => held.has(component['bom-ref']) || !component.properties.some(isForDevelopment),
  );
  const references = new Set([bill.metadata.component, ...packages].map((component) => component['bom-ref']));
  const dependencies = bill.dependencies
    .filter(({ ref }) => references.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => references.has(ref)) }));
  // npm uses the name of the directory.
  bill.metadata.component.name = 'glance-cli';
  const nodeItself = {
    'bom-ref': `node@${node.version}`,
    type: 'platform',
    name: 'node',
    version: node.version,
    scope: 'required',
    purl: `pkg:generic/node@${node.version}`,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(node.integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  };
  return `${JSON.stringify({ ...bill, components: [...packages, nodeItself], dependencies }, null, 2)}\n`;
}

/** @param {Property} property */
const isForDevelopment = ({ name, value }) => name === 'cdx:npm:package:development' && value === 'true';

/** The reference of a package in the bill. @param {string} directory */
function referenceOf(directory) {
  /** @type {{ name: string, version: string }} */
  const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return `${name}@${version}`;
}
