import { expect, it } from 'vitest';
import { nearestNames, suggestNames } from '../../src/nearest.ts';

it.each([
  ['devstak', ['devstack', 'production'], ['devstack']],
  ['nmae', ['name', 'id', 'size'], ['name']],
  ['CIRROS', ['cirros', 'cirros-2'], ['cirros', 'cirros-2']],
  ['ubuntu', ['debian', 'server ubuntu', 'ubuntu-24.04', 'ubunut'], ['ubunut', 'ubuntu-24.04', 'server ubuntu']],
  ['nothing', ['debian', 'ubuntu'], []],
  ['', ['debian'], []],
  ['x'.repeat(10_000), ['x'.repeat(10_000)], []],
  ['a', ['b', 'bc'], ['b']],
])('for %s of %j it finds %j', (wanted, names, found) => {
  expect(nearestNames(wanted, names)).toEqual(found);
});

it('asks back, or has nothing to ask', () => {
  expect(suggestNames('lits', ['list', 'lists', 'show'])).toBe('did you mean "list" or "lists"?');
  expect(suggestNames('xyz', ['list'])).toBeNull();
});
