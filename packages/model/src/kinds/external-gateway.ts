import type { FixedIp } from '../host-view.ts';
import { objectSchema, unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { fixedIps, type RequestedIp } from './fixed-ips.ts';
import { flag } from './flag.ts';
import { isKeyed } from './keyed.ts';
import { nullable } from './nullable.ts';
import { readItems } from './list-of.ts';
import { uuid } from './uuid.ts';

/** The way out that a request asks for. Addresses that it does not name are chosen. */
export interface RequestedGateway {
  readonly network_id: string;
  readonly enable_snat?: boolean;
  readonly external_fixed_ips?: readonly RequestedIp[];
  /** Left out, it stays as it is. */
  readonly qos_policy_id?: string | null;
}

/** The way out that a router has. */
export interface ExternalGateway {
  /** The external network. */
  readonly network_id: string;
  readonly enable_snat: boolean;
  readonly external_fixed_ips: readonly FixedIp[];
  readonly qos_policy_id: string | null;
}

const keys = ['network_id', 'enable_snat', 'external_fixed_ips', 'qos_policy_id'];

const policyId = nullable(uuid);

const members = {
  network_id: { ...uuid.schema, 'x-references': 'networks' },
  enable_snat: flag.schema,
  external_fixed_ips: fixedIps.schema,
  qos_policy_id: { ...policyId.schema, 'x-references': 'policies' },
} as const;

const gatewaySchema = objectSchema(members, { optional: ['enable_snat', 'external_fixed_ips', 'qos_policy_id'] });
const shownGateway = objectSchema({ ...members, external_fixed_ips: fixedIps.answerSchema ?? fixedIps.schema });

/** A router's way out, or null for none. */
export const externalGateway: Kind<RequestedGateway | null, ExternalGateway | null> = {
  name: 'external gateway',
  doc:
    '`{"network_id": UUID, "enable_snat": flag, "external_fixed_ips": […], "qos_policy_id": UUID}` with at least a ' +
    'network, or null',
  read: (value) => (isNothing(value) ? accept(null) : readGateway(value)),
  filter: unsearchable,
  schema: {
    anyOf: [gatewaySchema, { type: 'null' }],
  },
  answerSchema: { anyOf: [shownGateway, { type: 'null' }] },
  column: 'json',
  mayBeNull: true,
  examples: {
    valid: [null, {}, { network_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11', enable_snat: false }],
    invalid: ['x', 7, { network_id: 'x' }, { enable_snat: true }, [1]],
  },
};

/** The ways out of a router. */
export const externalGateways: Kind<readonly RequestedGateway[], readonly ExternalGateway[]> = {
  name: 'external gateways',
  doc: 'a list of objects like that of an external gateway',
  read: readGateways,
  filter: unsearchable,
  schema: { type: 'array', items: gatewaySchema },
  answerSchema: { type: 'array', items: shownGateway },
  column: 'json',
  examples: {
    valid: [[], [{ network_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11' }]],
    invalid: ['x', {}, [{}], [7]],
  },
};

export function readGateways(value: unknown): Reading<readonly RequestedGateway[]> {
  return Array.isArray(value) ? readItems(value, readGateway) : refuse(`'${pythonText(value)}' is not a list`);
}

/** Whatever Python takes for false stands for no gateway. */
function isNothing(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return !value;
  return Object.keys(value).length === 0;
}

function readGateway(value: unknown): Reading<RequestedGateway> {
  if (!isKeyed(value)) return refuse(`'${pythonText(value)}' is not a dictionary`);
  if (!Object.hasOwn(value, 'network_id')) {
    const given = Object.keys(value).map((key) => `'${key}'`);
    return refuse(
      `Validation of dictionary's keys failed. Expected keys: {'network_id'} Provided keys: {${given.join(', ')}}`,
    );
  }
  const unexpected = Object.keys(value).filter((key) => !keys.includes(key));
  if (unexpected.length > 0) return refuse(`Unexpected keys supplied: ${unexpected.join(', ')}`);
  const snat = Object.hasOwn(value, 'enable_snat') ? flag.read(value['enable_snat']) : undefined;
  if (snat?.ok === false) return snat;
  const addresses = Object.hasOwn(value, 'external_fixed_ips') ? fixedIps.read(value['external_fixed_ips']) : undefined;
  if (addresses?.ok === false) return addresses;
  const policy = Object.hasOwn(value, 'qos_policy_id') ? policyId.read(value['qos_policy_id']) : undefined;
  if (policy?.ok === false) return policy;
  const network = uuid.read(value['network_id']);
  if (!network.ok) return network;
  return accept({
    network_id: network.value,
    ...(snat === undefined ? {} : { enable_snat: snat.value }),
    ...(addresses === undefined ? {} : { external_fixed_ips: addresses.value }),
    ...(policy === undefined ? {} : { qos_policy_id: policy.value }),
  });
}
