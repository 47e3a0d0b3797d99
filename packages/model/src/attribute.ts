// One attribute of a resource: its kind, who may set it and when, and what else the API does with it. The traits are
// kept as literal types, so that what a request may hold, what a row holds and what an answer holds are types that
// follow from the declaration.

import type { Kind } from './kind.ts';

/** Stands for a value that the server picks (an address, a MAC, a gateway) when the request gives none. */
export const chosenByServer: unique symbol = Symbol('chosen by the server');

export interface Traits {
  /** What a create request may say: it must give a value, may (else the default), may (else the server picks), or not. */
  readonly post: 'required' | 'defaulted' | 'chosen' | 'refused';
  /** Whether an update may change it. */
  readonly put: boolean;
  readonly visible: boolean;
  /** Whether the store keeps it as such. What is not stored is derived when an object is shown, or only read. */
  readonly stored: boolean;
}

export interface Options {
  /** Cannot be changed by an update. */
  readonly createOnly?: boolean;
  /** Only read from requests, or only filtered by; never shown and never stored. */
  readonly hidden?: boolean;
  /** Shown, but derived from something else when an object is shown. */
  readonly derived?: boolean;
  /** Stored, and never shown: what the server has to remember of an object that other attributes are derived from. */
  readonly internal?: boolean;
  readonly filter?: boolean;
  /** Where a filter looks instead. */
  readonly foundIn?: FoundIn;
  readonly sort?: boolean;
  /** Setting or seeing it has policy rules of its own: `create_port:mac_address`. */
  readonly policy?: boolean;
  /** Policy rules of the resource look at it, so it is fetched even when `fields` leaves it out. */
  readonly requiredByPolicy?: boolean;
  /** Alias of the extension that brings it. */
  readonly extension?: string;
  /** Plural of the resource whose id it is. */
  readonly references?: string;
  /** Whether the store indexes its column; lists by it are then quick on large tables. */
  readonly index?: boolean;
  /** The list is kept in a table of its own, one row for each member. */
  readonly childTable?: string;
}

/** A field of the members of a stored list, or an attribute of the object that an attribute names. */
export type FoundIn =
  | { readonly list: string; readonly field: string }
  | { readonly parent: string; readonly attribute: string };

export interface Attribute<Given = unknown, Tr extends Traits = Traits, Kept = unknown> {
  readonly kind: Kind<Given, Kept>;
  /** One sentence for the reference pages. */
  readonly doc: string;
  readonly traits: Tr;
  /** What a create request means by leaving it out; present only where `traits.post` is `defaulted`. */
  readonly default?: Given;
  readonly filter: boolean;
  readonly sort: boolean;
  readonly policy: boolean;
  readonly requiredByPolicy: boolean;
  readonly index: boolean;
  readonly foundIn?: FoundIn;
  readonly extension?: string;
  readonly references?: string;
  readonly childTable?: string;
}

type TraitsOf<P extends Traits['post'], Put extends boolean, O> = {
  readonly post: P;
  readonly put: O extends { readonly createOnly: true } ? false : Put;
  readonly visible: O extends { readonly hidden: true } | { readonly internal: true } ? false : true;
  readonly stored: O extends { readonly hidden: true } | { readonly derived: true } ? false : true;
};

/** A create request must give it. */
export function required<Given, Kept, const O extends Options>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: O,
): Attribute<Given, TraitsOf<'required', true, O>, Kept> {
  return make(kind, doc, options, traitsOf('required', true, options));
}

/** A create request may give it. */
export function optional<Given, Kept, const O extends Options>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: O & { readonly default: typeof chosenByServer },
): Attribute<Given, TraitsOf<'chosen', true, O>, Kept>;
export function optional<Given, Kept, const O extends Options>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: O & { readonly default: NoInfer<Given> },
): Attribute<Given, TraitsOf<'defaulted', true, O>, Kept>;
export function optional<Given, Kept>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: Options & { readonly default: Given | typeof chosenByServer },
): Attribute<Given, Traits, Kept> {
  const { default: value, ...rest } = options;
  if (value === chosenByServer) return make(kind, doc, rest, traitsOf('chosen', true, rest));
  return { ...make(kind, doc, rest, traitsOf('defaulted', true, rest)), default: value };
}

/** No request may give it: the server computes it. */
export function computed<Given, Kept, const O extends Options>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: O,
): Attribute<Given, TraitsOf<'refused', false, O>, Kept> {
  return make(kind, doc, options, traitsOf('refused', false, options));
}

/** Only an update may give it. */
export function updatable<Given, Kept, const O extends Options>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: O,
): Attribute<Given, TraitsOf<'refused', true, O>, Kept> {
  return make(kind, doc, options, traitsOf('refused', true, options));
}

function traitsOf<P extends Traits['post'], Put extends boolean, O extends Options>(
  post: P,
  put: Put,
  options: O,
): TraitsOf<P, Put, O> {
  const traits: Traits = {
    post,
    put: put && options.createOnly !== true,
    visible: options.hidden !== true && options.internal !== true,
    stored: options.hidden !== true && options.derived !== true,
  };
  // The values above are the conditional types of TraitsOf, term by term; the compiler does not evaluate those for an open O.
  return traits as TraitsOf<P, Put, O>;
}

function make<Given, Tr extends Traits, Kept>(
  kind: Kind<Given, Kept>,
  doc: string,
  options: Options,
  traits: Tr,
): Attribute<Given, Tr, Kept> {
  const { filter = false, sort = false, policy = false, requiredByPolicy = false, index = false } = options;
  return {
    kind,
    doc,
    traits,
    filter,
    sort,
    policy,
    requiredByPolicy,
    index,
    ...(options.foundIn === undefined ? {} : { foundIn: options.foundIn }),
    ...(options.extension === undefined ? {} : { extension: options.extension }),
    ...(options.references === undefined ? {} : { references: options.references }),
    ...(options.childTable === undefined ? {} : { childTable: options.childTable }),
  };
}

/** Whether only the server knows of the attribute: to clients it does not exist. */
export function isInternal({ traits }: Attribute): boolean {
  return traits.stored && !traits.visible;
}
