/** The Merkle trees of the audit trail, with the vectors of Certificate Transparency's reference implementation. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inclusionPath, merkleRoot, rootOfPath } from '../../../src/platform/audit/merkle.ts';

const leafOf = (hex: string) => createHash('sha256').update('\0').update(hex, 'hex').digest('hex');

const INPUTS = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test('the root of the first leaves is that of the reference implementation', () => {
  const leaves = INPUTS.map(leafOf);
  expect(ROOTS.map((_root, count) => merkleRoot(leaves.slice(0, count)))).toEqual(ROOTS);
});

test('a path gives the root from its leaf only, at its position only', () => {
  const tree = fc.integer({ min: 1, max: 70 }).chain((count) => fc.tuple(fc.constant(count), fc.nat(count - 1)));
  fc.assert(
    fc.property(tree, fc.nat(69), ([count, position], other) => {
      const leaves = Array.from({ length: count }, (_each, place) => leafOf(place.toString(16).padStart(4, '0')));
      const path = inclusionPath(leaves, position);
      const root = merkleRoot(leaves);
      const leaf = leaves[position] ?? '';
      expect(rootOfPath(leaf, position, count, path)).toBe(root);
      expect(rootOfPath(leafOf('ffff'), position, count, path)).not.toBe(root);
      if (other !== position) expect(rootOfPath(leaf, other, count, path)).not.toBe(root);
      if (path.length > 0) expect(rootOfPath(leaf, position, count, path.slice(1))).not.toBe(root);
    }),
  );
});
