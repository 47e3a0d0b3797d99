import { expect, it } from 'vitest';
import { FleetUnderTest } from './fleet-under-test.ts';

it('tells every host of a fleet what concerns it, and goes on from there after the server was killed', async () => {
  await using test = await FleetUnderTest.start({ hosts: 20, portsPerHost: 20 });
  const { fleet, networks } = test;
  const ports = [...new Set(networks.flatMap(({ hosts }) => hosts))].map((host) => fleet.viewOf(host)?.ports.size);
  expect(ports).toEqual(Array.from({ length: 20 }, () => 20));
  const times = await Promise.all(networks.slice(0, 4).map((network) => test.change(network)));
  expect(times.flat()).toHaveLength(12);

  const before = fleet.viewOf('host-0');
  await test.restart();
  const after = fleet.viewOf('host-0');
  // Objects that were not sent anew are the same ones.
  expect([...(after?.ports.values() ?? [])].every((view) => view === before?.ports.get(view.id))).toBe(true);
  expect(after?.ports.size).toBe(20);
});
