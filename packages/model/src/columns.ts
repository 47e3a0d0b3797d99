// The columns that a declaration asks for. The store's migrations are written by hand, since they must also move rows
// that exist; a test compares what they end in with this.

import type { ColumnType } from './kind.ts';
import { attributesOf, type AnyResource } from './resource.ts';

export interface Column {
  /** The attribute's name, exactly: `binding:vnic_type` too. */
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
  readonly indexed: boolean;
  readonly primaryKey: boolean;
  /** Table whose primary key the value is. */
  readonly references?: string;
}

/** A list attribute that has a table of its own, with a row for each member. */
export interface ChildTable {
  readonly attribute: string;
  readonly table: string;
}

/** The columns of the resource's own table, in the order of the declaration. */
export function columnsOf(resource: AnyResource): readonly Column[] {
  return attributesOf(resource)
    .filter(([, attribute]) => attribute.traits.stored && attribute.childTable === undefined)
    .map(([name, attribute]) => ({
      name,
      type: attribute.kind.column,
      nullable: attribute.kind.mayBeNull === true,
      indexed: attribute.index,
      primaryKey: name === resource.primaryKey,
      ...(attribute.references === undefined ? {} : { references: attribute.references }),
    }));
}

/** The tables beside the resource's own that hold its lists. */
export function childTablesOf(resource: AnyResource): readonly ChildTable[] {
  return attributesOf(resource).flatMap(([name, { childTable, traits }]) =>
    childTable === undefined || !traits.stored ? [] : [{ attribute: name, table: childTable }],
  );
}
