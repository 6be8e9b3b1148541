import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { chooseTempFolder, excessBytes } from './temp-folder.ts';

const long = `/${'d'.repeat(90)}`;

it('takes the system’s folder while a socket in it fits into 107 bytes', () => {
  expect(chooseTempFolder('/a/short/one', ['/tmp'])).toBe('/a/short/one');
  expect(chooseTempFolder(`/${'d'.repeat(66)}`, ['/tmp'])).toBe(`/${'d'.repeat(66)}`);
  expect([excessBytes(`/${'d'.repeat(66)}`), excessBytes(`/${'d'.repeat(67)}`)]).toEqual([0, 1]);
});

it('takes the first short folder that can be written where it is too long, counted in bytes', () => {
  expect(chooseTempFolder(long, ['/is/not/there', `${long}/too`, tmpdir()])).toBe(tmpdir());
  expect(chooseTempFolder(`/${'ü'.repeat(40)}`, [tmpdir()])).toBe(tmpdir());
});

it('stays where it is when there is no better place', () => {
  expect(chooseTempFolder(long, ['/is/not/there'])).toBe(long);
});
