// A bridge's tables, declared once: number, purpose, where packets may go from there and what becomes of those that
// no flow matches. Generators name tables; a name that is not declared, or a `goto` that the table does not list, does
// not compile.

import { invariant } from '@neutronium/net/invariant';
import { mapTables, normal, type Action } from './action.ts';
import { flowSet, type Flow, type FlowSet } from './flow.ts';
import { matchAll, type Match } from './match.ts';

export interface TableSpec<Name extends string> {
  readonly number: number;
  readonly purpose: string;
  /** The tables that a flow here may name. */
  readonly next: readonly Name[];
  /** What becomes of a packet that no flow matches; by a flow of its own, so that it can be seen and counted. */
  readonly miss: { readonly priority: number; readonly to: 'drop' | 'NORMAL' | Name };
}

type Tables = Readonly<Record<string, TableSpec<string>>>;

/** Tables that lead only to declared ones, and send their misses only to where they lead. */
type Linked<T extends Tables> = {
  readonly [Name in keyof T]: {
    readonly next: readonly TableName<T>[];
    readonly miss: { readonly to: 'drop' | 'NORMAL' | T[Name]['next'][number] };
  };
};

export type TableName<T extends Tables> = keyof T & string;

/** A flow as generators write it. */
export type FlowOf<T extends Tables> = {
  readonly [Name in TableName<T>]: {
    readonly table: Name;
    readonly priority: number;
    readonly match: Match;
    readonly actions: readonly Action<T[Name]['next'][number]>[];
    readonly of: string;
    readonly why: string;
  };
}[TableName<T>];

export class Pipeline<const T extends Tables> {
  /** Who the flows belong to that the bridge always has. */
  readonly name: string;
  readonly tables: T;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #misses: readonly Flow[];

  constructor(name: string, tables: T & Linked<T>) {
    this.name = name;
    this.tables = tables;
    this.#numbers = new Map(Object.entries(tables).map(([table, spec]) => [table, spec.number]));
    invariant(new Set(this.#numbers.values()).size === this.#numbers.size, `${name}: two tables have one number`);
    for (const [table, spec] of Object.entries(tables)) this.#checkLinks(table, spec);
    this.#misses = Object.values(tables).map((spec) => this.#missFlow(spec));
  }

  /** The number of a table. */
  number(table: TableName<T>): number {
    return this.#number(table);
  }

  /** The flow with numbers for names. */
  resolve(flow: FlowOf<T>): Flow {
    return {
      ...flow,
      table: this.#number(flow.table),
      actions: flow.actions.map((action) => mapTables(action, (table) => this.#number(table))),
    };
  }

  /** The flows of generators, resolved. */
  *resolveAll(flows: Iterable<FlowOf<T>>): Generator<Flow> {
    for (const flow of flows) yield this.resolve(flow);
  }

  /** The set of those resolved flows and of what each table does on a miss. */
  flowSet(flows: Iterable<Flow>): FlowSet {
    return flowSet([...this.#misses, ...flows]);
  }

  #number(table: string): number {
    const number = this.#numbers.get(table);
    invariant(number !== undefined, () => `${this.name} has no table ${table}`);
    return number;
  }

  /** OpenFlow's goto_table only goes forward (OpenFlow 1.4 section 5.9). */
  #checkLinks(table: string, spec: TableSpec<string>): void {
    for (const next of spec.next) this.#number(next);
    const { to } = spec.miss;
    if (to === 'drop' || to === 'NORMAL') return;
    invariant(spec.next.includes(to), `${this.name}: ${table} sends its misses to ${to}, which it does not list`);
    invariant(this.#number(to) > spec.number, `${this.name}: ${table} sends its misses back to ${to}`);
  }

  #missFlow(spec: TableSpec<string>): Flow {
    const { priority, to } = spec.miss;
    return {
      table: spec.number,
      priority,
      match: matchAll,
      actions: this.#missActions(to),
      of: this.name,
      why: missReason(to),
    };
  }

  #missActions(to: string): readonly Action[] {
    if (to === 'drop') return [];
    return to === 'NORMAL' ? [normal] : [{ kind: 'goto', table: this.#number(to) }];
  }
}

function missReason(to: string): string {
  if (to === 'drop') return 'nothing allowed it';
  return to === 'NORMAL' ? 'the switch learns and forwards it within its VLAN' : 'no flow here concerns it';
}
