import { expect, it } from 'vitest';
import { translateAliases } from '../../../../src/cli/tree/aliases.ts';

const takesValue = (option: string): boolean => ['-f', '--os-cloud'].includes(option);

it.each([
  ['image list', 'list'],
  ['image show x -f json', 'show x -f json'],
  ['--os-cloud demo image save --file f x', '--os-cloud demo download --file f x'],
  ['-f json --debug image --insecure show x', '-f json --debug --insecure show x'],
  ['image-list', 'list'],
  ['--os-cloud image image-show x', '--os-cloud image show x'],
  ['image-download x', 'download x'],
  ['show image', 'show image'],
  ['download image-list', 'download image-list'],
  ['image delete x', 'image delete x'],
  ['image', 'image'],
  ['-- image list', '-- image list'],
  ['', ''],
])('%s becomes %s', (typed, meant) => {
  expect(translateAliases(typed.split(' '), takesValue).join(' ')).toBe(meant);
});
