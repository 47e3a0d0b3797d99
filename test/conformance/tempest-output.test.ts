import { expect, it } from 'vitest';
import { parseTempestOutput } from './tempest-output.ts';

const output = `
{0} api.test_networks.NetworksTest.test_list [0.004430s] ... ok
{1} setUpClass (api.test_routers.RoutersTest) ... SKIPPED: router extension not enabled.
{1} api.test_qos.QosTest.test_rule_create(egress) [1.500000s] ... ok
{0} api.test_ports.PortsTest.test_show [10.000001s] ... FAILED

Captured traceback:
~~~~~~~~~~~~~~~~~~~
    Traceback (most recent call last):
{0} setUpClass (api.test_tags.TagsTest) [0.000000s] ... FAILED
`;

it('reads the outcome of tests and of whole classes, and nothing else', () => {
  expect(parseTempestOutput(output)).toEqual({
    passed: ['api.test_networks.NetworksTest.test_list', 'api.test_qos.QosTest.test_rule_create(egress)'],
    failed: ['api.test_ports.PortsTest.test_show', 'setUpClass (api.test_tags.TagsTest)'],
    skipped: ['setUpClass (api.test_routers.RoutersTest)'],
  });
});
