import { hosted, router, surroundings } from '@neutronium/dataplane/routers/sample-router';
import { sampleInventory } from '@neutronium/dataplane/sample-host';
import { viewOf, type MeteringLabelView } from '@neutronium/model/host-view';
import { describe, expect, it } from 'vitest';
import { FakeExec } from '#effects/exec.fake';
import { meteringEntries } from './metering-entries.ts';

const label: MeteringLabelView = {
  section: 'metering_labels',
  id: 'aaaaaaaa-0000-4000-8000-000000000000',
  name: 'web',
  project_id: 'project1',
  shared: false,
  rules: [],
};
const { namespace } = hosted(router());

function entriesFrom(stdout: string): ReturnType<typeof meteringEntries> {
  const view = viewOf(7, [...surroundings, router(), label, { ...label, id: 'bbbbbbbb', project_id: 'other' }]);
  const inventory = { ...sampleInventory, host: 'alpha' };
  return meteringEntries({ view, inventory }, new FakeExec({ sh: () => ({ stdout }) }));
}

describe('what metering labels have counted', () => {
  it('is the sum of both families', async () => {
    const line = (packets: number, bytes: number) =>
      `[${packets}:${bytes}] -A neutron-meter-l-aaaaaaaa-000 -m comment --comment "x" -j RETURN`;
    const output = [`@${namespace}`, '*filter', ':neutron-meter-l-aaaaaaaa-000 - [0:0]', line(2, 120), line(1, 1040)];
    expect(await entriesFrom(output.join('\n'))).toEqual([
      {
        label_id: label.id,
        name: 'web',
        shared: false,
        router_id: router().id,
        project_id: 'project1',
        namespace,
        packets: 3,
        bytes: 1160,
      },
    ]);
  });

  it('is nothing where the router is not there yet', async () => {
    expect(await entriesFrom(`@${namespace}\n`)).toEqual([]);
  });
});
