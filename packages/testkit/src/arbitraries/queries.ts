// Queries of list requests made from the declarations, sensible and not.

import fc from 'fast-check';
import { tagFilters } from '@neutronium/model/read-query';
import { attributesOf, type AnyResource } from '@neutronium/model/resource';

/** The query of a list request, without the question mark. */
export function anyQuery(resource: AnyResource): fc.Arbitrary<string> {
  const attributes = attributesOf(resource);
  const names = attributes.map(([name]) => name);
  const sortable = attributes.flatMap(([name, { sort }]) => (sort ? [name] : []));
  const examples = attributes.flatMap(([, { kind }]) => [...kind.examples.valid, ...kind.examples.invalid]);
  const texts = fc.oneof(
    fc.constantFrom(...examples).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))),
    fc.string(),
  );
  const filter = fc.tuple(fc.constantFrom(...names, ...Object.keys(tagFilters), 'bogus'), texts);
  const addresses = fc.tuple(
    fc.constant('fixed_ips'),
    fc.tuple(fc.constantFrom('ip_address', 'subnet_id', 'ip_address_substr', 'x'), texts).map((pair) => pair.join('=')),
  );
  const field = fc.tuple(fc.constant('fields'), fc.constantFrom(...names, 'bogus', ''));
  const sort = fc
    .tuple(
      fc.constantFrom(...(sortable.length === 0 ? names : sortable), 'bogus'),
      fc.constantFrom('asc', 'desc', 'up'),
    )
    .map(([key, direction]): [string, string][] => [
      ['sort_key', key],
      ['sort_dir', direction],
    ]);
  const page = fc.oneof(
    fc.tuple(fc.constant('limit'), fc.constantFrom('0', '1', '3', '-1', 'x')),
    fc.tuple(fc.constant('marker'), fc.uuid()),
    fc.tuple(fc.constant('page_reverse'), fc.constantFrom('True', 'False', 'x')),
  );
  return fc
    .tuple(fc.array(fc.oneof(filter, addresses, field, page), { maxLength: 4 }), fc.array(sort, { maxLength: 2 }))
    .map(([pairs, sorts]) => {
      const query = new URLSearchParams();
      for (const [name, value] of [...pairs, ...sorts.flat()]) query.append(name, value);
      return query.toString();
    });
}
