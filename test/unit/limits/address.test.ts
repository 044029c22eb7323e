/** The caller that an IP address identifies; valid addresses are those that Node accepts. */
import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { callerOf, UNKNOWN_ADDRESS } from '../../../src/platform/limits/address.ts';

test.each([
  ['192.0.2.1', '192.0.2.1'],
  ['0.0.0.0', '0.0.0.0'],
  ['255.255.255.255', '255.255.255.255'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['0:0:0:0:0:FFFF:C000:0201', '192.0.2.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8::1', '2001:db8:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['::192.0.2.1', '0:0:0:0::/64'],
  [' 192.0.2.1\n', '192.0.2.1'],
])('%s is %s', (address, caller) => {
  expect(callerOf(address)).toBe(caller);
});

test.each([
  ...[
    undefined,
    '',
    ' ',
    'unknown',
    'localhost',
    '1.2.3',
    '1.2.3.4.5',
    '256.1.1.1',
    '01.2.3.4',
    '0x7f.1',
    '1.2.3.4:80',
  ],
  ...[
    '::1::',
    ':',
    ':::',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '[::1]',
    'fe80::1%eth0',
    '::1]/x',
    '::1#',
    'g::',
  ],
])('%s identifies no caller', (address) => {
  expect(callerOf(address)).toBe(UNKNOWN_ADDRESS);
});

const ipv6 = fc.oneof(
  fc.ipV6(),
  fc
    .array(fc.constantFrom('', '0', '1', 'ffff', 'F', '::', ':', '1.2.3.4', '00001'), { maxLength: 10 })
    .map((all) => all.join(':')),
);

test('exactly the texts that Node accepts as addresses identify a caller', () => {
  fc.assert(
    fc.property(fc.oneof(ipv6, fc.ipV4(), fc.string()), (text) => {
      fc.pre(!text.includes('%') && text === text.trim());
      expect(callerOf(text) !== UNKNOWN_ADDRESS).toBe(isIP(text) !== 0);
    }),
    { numRuns: 3000 },
  );
});

test('two addresses are the same caller if and only if they share a /64', () => {
  fc.assert(
    fc.property(fc.ipV6(), fc.ipV6(), fc.boolean(), (one, other, near) => {
      const mapped = new BlockList();
      mapped.addSubnet('::ffff:0:0', 96, 'ipv6');
      fc.pre(!mapped.check(one, 'ipv6') && !mapped.check(other, 'ipv6'));
      // Two random addresses are hardly ever in one network, so some pairs differ only in their last bits.
      const second = near ? callerOf(one).replace('::/64', ':1:2:3:4') : other;
      const network = new BlockList();
      network.addSubnet(one, 64, 'ipv6');
      expect(callerOf(one) === callerOf(second)).toBe(network.check(second, 'ipv6'));
    }),
    { numRuns: 1000 },
  );
});
