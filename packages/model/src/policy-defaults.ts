// The rules that hold where an operator has said nothing: those that Neutron enforces with its newer defaults, in
// which readers read, members write what is their project's, and administrators do the rest.

import table from './data/policy-defaults.json' with { type: 'json' };

/** One rule of the oslo.policy language, and what it guards. */
export interface PolicyDefault {
  readonly name: string;
  readonly check: string;
  /** Empty for rules that only other rules refer to. */
  readonly operations: readonly PolicyOperation[];
  /** Scopes of tokens that the rule is for; empty for any. */
  readonly scopeTypes: readonly ('project' | 'domain' | 'system')[];
  readonly doc: string;
}

export interface PolicyOperation {
  readonly method: string;
  /** Below /v2.0. */
  readonly path: string;
}

/** Every built-in rule, sorted by name. */
export const policyDefaults: readonly PolicyDefault[] = table.map(({ operations, scopeTypes, ...rule }) => ({
  ...rule,
  operations: operations.map(parseOperation),
  scopeTypes: scopeTypes.filter((scope) => scope === 'project' || scope === 'domain' || scope === 'system'),
}));

function parseOperation(written: string): PolicyOperation {
  const space = written.indexOf(' ');
  return { method: written.slice(0, space), path: written.slice(space + 1) };
}
