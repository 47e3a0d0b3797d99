// The chains of a router, with Neutron's names, in which operators look for what a router does. Each concern of a router
// says which rules it has in which chain; the rules of a chain stand in the order of the concerns.

import { jump, type Rule } from '../netfilter/rule.ts';
import {
  type BuiltInChain,
  builtInChains,
  type Chain,
  type Hook,
  type Ruleset,
  type Table,
} from '../netfilter/ruleset.ts';

/** A rule in one of the router's chains, `PREROUTING`, `snat`, `pf-12345678` … of a table, named without our prefix. */
export interface PlacedRule {
  readonly table: Table;
  readonly chain: string;
  readonly rule: Rule;
}

/** The whole name of a chain of a router. */
export function chainName(chain: string): string {
  return `neutron-l3-agent-${chain}`;
}

/** A chain at the end of the kernel's nat POSTROUTING, in which source addresses are translated after everything else. */
const translationChain = 'neutron-postrouting-bottom';

/** The rules as chains, with the hooks by which packets get to those that bear the names of the kernel's chains. */
export function routerRuleset(routerId: string, placed: readonly PlacedRule[]): Ruleset {
  const chains = new Map<string, { readonly table: Table; readonly name: string; readonly rules: Rule[] }>();
  const chainOf = (table: Table, name: string): { readonly rules: Rule[] } => {
    const key = `${table} ${name}`;
    const chain = chains.get(key) ?? { table, name, rules: [] };
    chains.set(key, chain);
    return chain;
  };
  const hooks = new Map<string, Hook>();
  for (const { table, chain, rule } of placed) {
    const name = chainName(chain);
    chainOf(table, name).rules.push(rule);
    if (rule.to.kind === 'jump') chainOf(table, rule.to.chain);
    const builtIn = builtInChains[table].find((each) => each === chain);
    if (builtIn !== undefined) hooks.set(`${table} ${chain}`, hookTo(name, { table, chain: builtIn, routerId }));
  }
  if (chains.has(`nat ${chainName('snat')}`)) {
    const to = { match: [], to: jump(chainName('snat')), of: routerId, why: 'source addresses are translated last' };
    chainOf('nat', translationChain).rules.push(to);
    hooks.set('nat bottom', hookTo(translationChain, { table: 'nat', chain: 'POSTROUTING', routerId }));
  }
  const inOrder = [...chains.values()].toSorted((a, b) => (`${a.table} ${a.name}` < `${b.table} ${b.name}` ? -1 : 1));
  return { chains: inOrder satisfies readonly Chain[], hooks: [...hooks.values()] };
}

function hookTo(
  name: string,
  { table, chain, routerId }: { readonly table: Table; readonly chain: BuiltInChain; readonly routerId: string },
): Hook {
  const rule = { match: [], to: jump(name), of: routerId, why: 'to the chains of the router' };
  return { table, chain, position: 'last', rule };
}

/** Whether iptables knows ports of the protocol: it refuses a rule with ports of another, and with it the table. */
export function hasPorts(protocol: string): boolean {
  return ['dccp', 'sctp', 'tcp', 'udp'].includes(protocol);
}
