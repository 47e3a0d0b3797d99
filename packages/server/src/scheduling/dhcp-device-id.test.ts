import { expect, it } from 'vitest';
import { dhcpDeviceId } from './dhcp-device-id.ts';

it('names the host without its domain', () => {
  const expected = 'dhcp540ba512-ba2e-5213-b381-56c767787d41-n1';
  expect(dhcpDeviceId('host1', 'n1')).toBe(expected);
  expect(dhcpDeviceId('host1.example.org', 'n1')).toBe(expected);
});
