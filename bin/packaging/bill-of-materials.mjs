// What is in an executable, as CycloneDX: the packages that npm knows of, and Node itself.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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
  const bill = JSON.parse(text);
  const held = new Set(further.map((directory) => referenceOf(directory)));
  const isHeld = (component) => held.has(component['bom-ref']) || !component.properties.some(isForDevelopment);
  // `--omit=dev` would also leave out packages that are dependencies of packages for development.
  bill.components = bill.components.filter(isHeld);
  const references = new Set([bill.metadata.component, ...bill.components].map((component) => component['bom-ref']));
  bill.dependencies = bill.dependencies
    .filter(({ ref }) => references.has(ref))
    .map((each) => ({ ...each, dependsOn: each.dependsOn.filter((ref) => references.has(ref)) }));
  // npm uses the name of the directory.
  bill.metadata.component.name = 'glance-cli';
  bill.components.push({
    'bom-ref': `node@${node.version}`,
    type: 'platform',
    name: 'node',
    version: node.version,
    scope: 'required',
    purl: `pkg:generic/node@${node.version}`,
    hashes: [{ alg: 'SHA-512', content: Buffer.from(node.integrity.replace('sha512-', ''), 'base64').toString('hex') }],
    licenses: [{ license: { id: 'MIT' } }],
  });
  return `${JSON.stringify(bill, null, 2)}\n`;
}

const isForDevelopment = ({ name, value }) => name === 'cdx:npm:package:development' && value === 'true';

/** The reference of a package in the bill. */
function referenceOf(directory) {
  const { name, version } = JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8'));
  return `${name}@${version}`;
}
