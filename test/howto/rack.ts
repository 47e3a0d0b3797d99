import { optional, required } from '@neutronium/model/attribute';
import { integer } from '@neutronium/model/kinds/integer';
import { name } from '@neutronium/model/kinds/name';
import { resource } from '@neutronium/model/resource';
import { identity, standard } from '@neutronium/model/resources/standard';

export const rack = resource({
  name: 'rack',
  plural: 'racks',
  doc: 'A cabinet in which hosts stand.',
  attributes: {
    ...identity,
    name: optional(name, 'For people; need not be unique.', { default: '', filter: true, sort: true }),
    units: required(integer({ min: 1, max: 60 }), 'Height, in rack units (EIA-310).', { filter: true, sort: true }),
    ...standard,
  },
});
