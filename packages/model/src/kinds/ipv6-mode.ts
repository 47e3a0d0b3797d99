import type { Ipv6Mode } from '../host-view.ts';
import type { Kind } from '../kind.ts';
import { choice } from './choice.ts';

/** How IPv6 addresses come about (RFC 4862, RFC 8415). A request names one or says nothing; null is no word for it. */
export const ipv6Mode: Kind<Ipv6Mode, Ipv6Mode | null> = {
  ...choice(['slaac', 'dhcpv6-stateful', 'dhcpv6-stateless']),
  mayBeNull: true,
};
