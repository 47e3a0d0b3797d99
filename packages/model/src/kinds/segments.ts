import { HTTPBadRequest } from '../errors.ts';
import type { SegmentView } from '../host-view.ts';
import { objectSchema, unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, refuseWith, type Reading } from '../reading.ts';
import { readInteger } from './integer.ts';
import { isKeyed } from './keyed.ts';
import { readItems } from './list-of.ts';
import { readText } from './text.ts';

/** One segment of a multi-provider network as a request gives it; what is left out the type driver decides. */
export interface RequestedSegment {
  readonly 'provider:network_type'?: string;
  readonly 'provider:physical_network'?: string | null;
  readonly 'provider:segmentation_id'?: number;
}

const keys = ['provider:network_type', 'provider:physical_network', 'provider:segmentation_id'];

/**
 * The segments of a network. A network keeps its segments however many it has; answers show the list only of one that
 * has several, and speak of a single one in the provider attributes (Networking API: multi-provider networks).
 */
export const segments: Kind<readonly RequestedSegment[], readonly SegmentView[]> = {
  name: 'segments',
  doc: 'a list of objects with `provider:network_type`, `provider:physical_network` and `provider:segmentation_id`',
  read: (value) =>
    Array.isArray(value) ? readItems(value, readSegment) : refuse(`'${pythonText(value)}' is not a list`),
  filter: unsearchable,
  schema: {
    type: 'array',
    items: {
      type: 'object',
      properties: {
        'provider:network_type': { type: 'string' },
        'provider:physical_network': { type: ['string', 'null'] },
        'provider:segmentation_id': { type: 'integer' },
      },
      additionalProperties: false,
    },
  },
  answerSchema: {
    type: 'array',
    items: objectSchema({
      'provider:network_type': { type: 'string' },
      'provider:physical_network': { type: ['string', 'null'] },
      'provider:segmentation_id': { type: ['integer', 'null'] },
    }),
  },
  column: 'json',
  examples: {
    valid: [
      [{ 'provider:network_type': 'vlan', 'provider:physical_network': 'physnet1', 'provider:segmentation_id': 7 }],
    ],
    invalid: ['x', null, [7], [{ other: 1 }], [{ 'provider:network_type': 7 }], {}],
  },
};

function readSegment(value: unknown): Reading<RequestedSegment> {
  if (!isKeyed(value)) return refuse(`'${pythonText(value)}' is not a dictionary`);
  const unknown = Object.keys(value).filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    return refuseWith(new HTTPBadRequest({ message: `Unrecognized attribute(s) '${unknown.join(', ')}'` }));
  }
  const { 'provider:network_type': type, 'provider:physical_network': wire, 'provider:segmentation_id': id } = value;
  const networkType = type === undefined ? undefined : readText(type, 32);
  if (networkType?.ok === false) return networkType;
  const physicalNetwork = wire === undefined || wire === null ? undefined : readText(wire, 64);
  if (physicalNetwork?.ok === false) return physicalNetwork;
  // 0 and null mean that the server picks, as leaving it out does.
  const segmentationId = id === undefined || id === null || id === 0 ? undefined : readInteger(id);
  if (segmentationId?.ok === false) return segmentationId;
  return accept({
    ...(networkType === undefined ? {} : { 'provider:network_type': networkType.value }),
    ...(physicalNetwork === undefined ? {} : { 'provider:physical_network': physicalNetwork.value }),
    ...(segmentationId === undefined ? {} : { 'provider:segmentation_id': segmentationId.value }),
  });
}
