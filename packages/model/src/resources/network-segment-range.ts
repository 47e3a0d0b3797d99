// A range of ids from which networks that ask for none get theirs.

import { chosenByServer, computed, optional, required } from '../attribute.ts';
import { choice } from '../kinds/choice.ts';
import { flag } from '../kinds/flag.ts';
import { integer } from '../kinds/integer.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { listOf } from '../kinds/list-of.ts';
import { nullable } from '../kinds/nullable.ts';
import { physicalNetwork } from '../kinds/provider.ts';
import { text } from '../kinds/text.ts';
import { resource, type Create, type Stored, type Update } from '../resource.ts';
import { identity, standard } from './standard.ts';

/** From the least to the largest of what any type has; what its own type has is checked apart. */
const segmentationId = integer({ min: 1, max: 2 ** 32 - 1 });

/** How many ids `available` lists at most: a range may have four billion, which no answer can hold. */
export const mostAvailable = 65_536;

export const networkSegmentRange = resource({
  name: 'network_segment_range',
  plural: 'network_segment_ranges',
  doc: 'Ids from which networks that ask for none get theirs: those of one project, or of all.',
  extension: 'network-segment-range',
  attributes: {
    id: identity.id,
    name: optional(text(255), 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    default: computed(flag, "Whether it is of the server's configuration, which alone can change it.", {}),
    shared: optional(flag, 'Whether all projects are given its ids, rather than the one that owns it.', {
      default: true,
      createOnly: true,
    }),
    project_id: required(nullable(text(255)), 'The project whose networks are given its ids; null for all.', {
      createOnly: true,
      filter: true,
      sort: true,
      requiredByPolicy: true,
      index: true,
    }),
    network_type: required(choice(['vlan', 'vxlan', 'gre', 'geneve']), 'The way in which the networks are carried.', {
      createOnly: true,
      filter: true,
    }),
    physical_network: optional(physicalNetwork, 'The wire whose VLAN ids they are.', {
      default: chosenByServer,
      createOnly: true,
      filter: true,
    }),
    minimum: required(segmentationId, 'The first id.', {}),
    maximum: required(segmentationId, 'The last id.', {}),
    used: computed(jsonObject, 'The ids that networks have, each with the project of its network.', { derived: true }),
    available: computed(
      listOf(integer(), 'segmentation ids', 'a list of ids'),
      `The ids that no network has, in ascending order; at most the first ${mostAvailable}.`,
      { derived: true },
    ),
    ...standard,
  },
});

export type NetworkSegmentRangeRecord = Stored<typeof networkSegmentRange>;
export type NetworkSegmentRangeCreate = Create<typeof networkSegmentRange>;
export type NetworkSegmentRangeUpdate = Update<typeof networkSegmentRange>;
