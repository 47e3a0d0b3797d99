import { objectSchema, unsearchable, type Kind } from '../kind.ts';
import { pythonText } from '../python-text.ts';
import { accept, refuse, type Reading } from '../reading.ts';
import { isKeyed } from './keyed.ts';
import { uuid } from './uuid.ts';

/** A port of a trunk, and the tag by which the instance tells its frames from others'. */
export interface SubPort {
  readonly port_id: string;
  readonly segmentation_type: 'vlan';
  /** VLAN id, 1 to 4094. */
  readonly segmentation_id: number;
}

/**
 * A port that a request names. What it says of the tag can be read once the port is known: it may be left to the port's
 * network (`inherit`).
 */
export interface RequestedSubPort {
  readonly port_id: string;
  readonly segmentation_type?: unknown;
  readonly segmentation_id?: unknown;
}

const portId = { ...uuid.schema, 'x-references': 'ports' };
const segmentationId = { type: 'integer', minimum: 1, maximum: 4094 };

/** As answers have them. */
export const shownSubPorts = {
  type: 'array',
  items: objectSchema({
    port_id: portId,
    segmentation_type: { type: 'string', enum: ['vlan'] },
    segmentation_id: segmentationId,
  }),
} as const;

/** The ports that are behind the parent port of a trunk. */
export const subPorts: Kind<readonly RequestedSubPort[], readonly SubPort[]> = {
  name: 'sub ports',
  doc:
    'a list of `{"port_id": UUID, "segmentation_type": "vlan", "segmentation_id": 1 to 4094}`; type `inherit` takes ' +
    "type and id from the port's network",
  read: readSubPorts,
  filter: unsearchable,
  schema: {
    type: 'array',
    items: objectSchema(
      {
        port_id: portId,
        segmentation_type: { type: 'string', enum: ['vlan', 'inherit'] },
        segmentation_id: segmentationId,
      },
      { optional: ['segmentation_type', 'segmentation_id'] },
    ),
  },
  answerSchema: shownSubPorts,
  column: 'json',
  examples: {
    valid: [
      [],
      [{ port_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11', segmentation_type: 'vlan', segmentation_id: 101 }],
      [{ port_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11', segmentation_type: 'inherit' }],
    ],
    invalid: [
      'x',
      null,
      {},
      [7],
      [{ segmentation_type: 'vlan', segmentation_id: 101 }],
      [{ port_id: 'not-a-uuid', segmentation_type: 'vlan', segmentation_id: 101 }],
      [{ port_id: '7f3c0f6e-2a9b-4a3e-9d54-4f3f6a1c2b11', segmentation_type: 'vlan' }],
    ],
  },
};

/** The list, each port once and each tag once. */
export function readSubPorts(value: unknown): Reading<readonly RequestedSubPort[]> {
  if (!Array.isArray(value)) return refuse(`Invalid data format for subports: '${pythonText(value)}' is not a list`);
  const read: RequestedSubPort[] = [];
  for (const item of value) {
    const one = readSubPort(item);
    if (!one.ok) return one;
    const { port_id, segmentation_type, segmentation_id } = one.value;
    if (read.some((other) => other.port_id === port_id)) return refuse(`Non unique UUID for subport: '${port_id}'`);
    const hasSameTag = (other: RequestedSubPort): boolean =>
      other.segmentation_type === segmentation_type && other.segmentation_id === segmentation_id;
    if (segmentation_id !== undefined && segmentation_type !== 'inherit' && read.some(hasSameTag)) {
      return refuse(`Segmentation ID '${pythonText(segmentation_id)}' for '${port_id}' is not unique`);
    }
    read.push(one.value);
  }
  return accept(read);
}

function readSubPort(item: unknown): Reading<RequestedSubPort> {
  if (!isKeyed(item)) return refuse(`Invalid data format for subport: '${pythonText(item)}' is not a dict`);
  if (!Object.hasOwn(item, 'port_id')) return refuse('A valid port UUID must be specified');
  const id = uuid.read(item['port_id']);
  if (!id.ok) return refuse(`Invalid UUID for subport: '${pythonText(item['port_id'])}'`);
  const { segmentation_type, segmentation_id } = item;
  const isComplete = !isNothing(segmentation_type) && segmentation_id !== undefined && segmentation_id !== null;
  // A port that is named alone is asked for its tag later, or is to be taken out of a trunk, which needs none.
  if (segmentation_type !== 'inherit' && !isComplete && Object.keys(item).length > 1) {
    return refuse(missingSegmentation(item));
  }
  return accept({
    port_id: id.value,
    ...(Object.hasOwn(item, 'segmentation_type') && { segmentation_type }),
    ...(Object.hasOwn(item, 'segmentation_id') && { segmentation_id }),
  });
}

/** What is wrong with a port whose tag nothing tells. */
export function missingSegmentation(given: object): string {
  return (
    `Invalid subport details '${pythonText(given)}': missing segmentation information. ` +
    'Must specify both segmentation_id and segmentation_type'
  );
}

/** What Python calls false. */
function isNothing(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isKeyed(value)) return Object.keys(value).length === 0;
  return value === undefined || value === null || value === '' || value === 0 || value === false;
}
