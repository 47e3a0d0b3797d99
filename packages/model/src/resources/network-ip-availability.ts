// How many addresses a network has and how many of them are taken, counted when somebody asks.

import { computed } from '../attribute.ts';
import { addressCount } from '../kinds/address-count.ts';
import { ipVersion } from '../kinds/ip-version.ts';
import { jsonList } from '../kinds/json-list.ts';
import { jsonObject } from '../kinds/json-object.ts';
import { listOf } from '../kinds/list-of.ts';
import { text } from '../kinds/text.ts';
import { uuid } from '../kinds/uuid.ts';
import { resource } from '../resource.ts';

const details = 'network-ip-availability-details';

export const networkIpAvailability = resource({
  name: 'network_ip_availability',
  plural: 'network_ip_availabilities',
  doc: 'How many addresses the subnets of a network have, and how many are taken.',
  extension: 'network-ip-availability',
  primaryKey: 'network_id',
  operations: ['list', 'show'],
  attributes: {
    network_id: computed(uuid, 'The network.', { derived: true, filter: true, sort: true }),
    network_name: computed(text(255), 'Its name.', { derived: true, filter: true }),
    project_id: computed(text(255), 'The project that owns it.', {
      derived: true,
      filter: true,
      requiredByPolicy: true,
    }),
    ip_version: computed(listOf(ipVersion, 'ip versions', 'a list of 4 and 6'), 'Whose subnets alone are counted.', {
      hidden: true,
      filter: true,
    }),
    total_ips: computed(addressCount, 'Addresses in the allocation pools.', { derived: true }),
    used_ips: computed(addressCount, 'Addresses that ports have, wherever in the subnets.', { derived: true }),
    subnet_ip_availability: computed(jsonList, 'The same of each subnet.', { derived: true }),
    ip_availability_details: computed(
      jsonObject,
      'Of the whole subnets and of their allocation pools, how many addresses there are and how many ports have.',
      { derived: true, extension: details },
    ),
  },
});
