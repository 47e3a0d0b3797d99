import { describe, expect, it } from 'vitest';
import { mac } from '@neutronium/net/mac';
import { renderActions } from './action-text.ts';
import { ct, load, move, output, popVlan, pushVlan, setField, setVlan } from './action.ts';
import { whole } from './field.ts';

describe('actions as text', () => {
  it('are what ovs-ofctl prints', () => {
    expect(renderActions([])).toBe('drop');
    expect(renderActions([pushVlan, setVlan(2), popVlan, output(7), output('LOCAL')])).toBe(
      'push_vlan:0x8100,set_field:4098->vlan_vid,pop_vlan,output:7,LOCAL',
    );
    expect(
      renderActions([setField('eth_dst', mac('fa:16:3e:00:00:01')), move(whole('eth_src'), whole('eth_dst'))]),
    ).toBe('set_field:fa:16:3e:00:00:01->eth_dst,move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[]');
    expect(renderActions([ct({ zone: 5 }), ct({ zone: 0 })])).toBe('ct(zone=5),ct');
  });

  it('are refused when a value does not fit into its field', () => {
    expect(() => setField('ip_dscp', 64)).toThrow('64 does not fit into ip_dscp');
    expect(() => load(16, { field: 'reg0', start: 0, bits: 4 })).toThrow('16 does not fit into 4 bits of reg0');
    expect(() => load(0, { field: 'reg0', start: 30, bits: 4 })).toThrow(/not all in reg0/);
    expect(() => move(whole('eth_src'), whole('reg0'))).toThrow('moving 48 bits');
  });
});
