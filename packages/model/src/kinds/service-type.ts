import { InvalidServiceType } from '../routing-errors.ts';
import { asText, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuseWith } from '../reading.ts';

const known = ['CORE', 'FLAVORS', 'L3_ROUTER_NAT', 'PORTFORWARDING'];

/** A service that this server provides, by the Networking API's name for it. */
export const serviceType: Kind<string> = {
  name: 'service type',
  doc: `one of ${known.map((word) => `\`${word}\``).join(', ')}`,
  read: (value) =>
    typeof value === 'string' && known.includes(value)
      ? accept(value)
      : refuseWith(new InvalidServiceType({ service_type: pythonText(value) })),
  filter: asText,
  schema: { type: 'string', enum: known },
  column: 'text',
  examples: { valid: known, invalid: ['', 'NOPE', 1, null, [], {}] },
};
