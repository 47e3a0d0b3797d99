import { unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { isKeyed } from './keyed.ts';

/** How Open vSwitch chooses the queue of a DPDK device for a packet: `other_config:tx-steering` of an Interface. */
export type TxSteering = 'thread' | 'hash';

/** What a port asks of the program that forwards for it. What is absent is left to that program. */
export interface PortHints {
  readonly openvswitch?: { readonly other_config?: { readonly 'tx-steering'?: TxSteering } };
}

const values: readonly TxSteering[] = ['thread', 'hash'];

/** Hints of a port, by the program that they are for. One that no program here takes is refused, not passed over. */
export const portHints: Kind<PortHints | null> = {
  name: 'port hints',
  doc: '`{"openvswitch": {"other_config": {"tx-steering": "thread" or "hash"}}}`, any level of which may be left out; or null',
  read: readHints,
  filter: unsearchable,
  schema: {
    type: ['object', 'null'],
    properties: {
      openvswitch: {
        type: 'object',
        properties: {
          other_config: {
            type: 'object',
            properties: { 'tx-steering': { type: 'string', enum: values } },
            additionalProperties: false,
          },
        },
        additionalProperties: false,
      },
    },
    additionalProperties: false,
  },
  column: 'json',
  mayBeNull: true,
  examples: {
    valid: [null, {}, { openvswitch: {} }, { openvswitch: { other_config: { 'tx-steering': 'hash' } } }],
    invalid: [
      'x',
      7,
      [],
      { openvswitch: 'x' },
      { elsewhere: {} },
      { openvswitch: { other_config: { 'tx-steering': 'both' } } },
      { openvswitch: { other_config: { n_rxq: '2' } } },
    ],
  },
};

function readHints(value: unknown): Reading<PortHints | null> {
  if (value === null) return accept(null);
  const program = only(value, 'openvswitch');
  const column = program === undefined ? undefined : only(program.member, 'other_config');
  const steering = column === undefined ? undefined : only(column.member, 'tx-steering');
  if (program === undefined || column === undefined || steering === undefined) {
    return refuse(`'${pythonText(value)}' holds a hint that is not known`);
  }
  if (program.member === undefined) return accept({});
  if (column.member === undefined) return accept({ openvswitch: {} });
  if (steering.member === undefined) return accept({ openvswitch: { other_config: {} } });
  const known = values.find((each) => each === steering.member);
  if (known === undefined) return refuse(`${pythonText(steering.member)} is not in valid_values`);
  return accept({ openvswitch: { other_config: { 'tx-steering': known } } });
}

/** The one member that an object may have; undefined for anything else. What is not there has no members. */
function only(value: unknown, name: string): { readonly member: unknown } | undefined {
  if (value === undefined) return { member: undefined };
  if (!isKeyed(value) || Object.keys(value).some((key) => key !== name)) return undefined;
  return { member: value[name] };
}
