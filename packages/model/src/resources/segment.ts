// A segment is a part of its network, whose record has it: how the network is carried. What people say of a segment is
// kept apart, once somebody says something.

import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { integer } from '../kinds/integer.ts';
import { nullable } from '../kinds/nullable.ts';
import { networkType, physicalNetwork } from '../kinds/provider.ts';
import { segmentationId } from '../kinds/segmentation-id.ts';
import { text } from '../kinds/text.ts';
import { timestamp } from '../kinds/timestamp.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource, type Create, type Update } from '../resource.ts';

export const segment = resource({
  name: 'segment',
  plural: 'segments',
  doc: 'One of the ways in which a network is carried.',
  extension: 'segment',
  attributes: {
    id: computed(uuid, 'Names the object for as long as it exists.', { derived: true, filter: true, sort: true }),
    network_id: required(uuid, 'The network.', { derived: true, createOnly: true, filter: true, sort: true }),
    name: optional(nullable(text(255)), 'For people; need not be unique.', {
      default: null,
      derived: true,
      filter: true,
      sort: true,
    }),
    description: optional(nullable(text(255)), 'What people should know about the object.', {
      default: '',
      derived: true,
      filter: true,
      extension: 'standard-attr-description',
    }),
    network_type: required(networkType, 'The way itself.', {
      derived: true,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    physical_network: optional(physicalNetwork, 'The wire, for those that are not tunnelled.', {
      default: chosenByServer,
      derived: true,
      createOnly: true,
      filter: true,
      sort: true,
    }),
    segmentation_id: optional(segmentationId, 'What tells it apart from others of its type on the same wire.', {
      default: chosenByServer,
      derived: true,
      createOnly: true,
      sort: true,
    }),
    created_at: computed(timestamp, 'When the object was created.', {
      derived: true,
      extension: 'standard-attr-segment',
    }),
    updated_at: computed(timestamp, 'When the object was last changed.', {
      derived: true,
      extension: 'standard-attr-segment',
    }),
    revision_number: computed(integer({ min: 0 }), 'Grows with every change, for `If-Match: revision_number=N`.', {
      derived: true,
      filter: true,
      extension: 'standard-attr-segment',
    }),
  },
});

export type SegmentCreate = Create<typeof segment>;
export type SegmentUpdate = Update<typeof segment>;
