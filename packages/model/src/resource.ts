// A resource is declared once, and everything else about it is a projection of the declaration: the types below, the
// reading of requests and queries, the columns of its table, the names of its policy rules, its place in the extension
// list, the OpenAPI document and the reference pages.

import type { Attribute, Traits } from './attribute.ts';
import type { JsonSchema } from './kind.ts';

export type Attributes = Readonly<Record<string, Attribute>>;

/** Something that a member can do besides the standard requests: `PUT /v2.0/<plural>/{id}/<action>`. */
export interface Action {
  readonly method: 'GET' | 'PUT';
  readonly doc: string;
  readonly extension?: string;
  /** The body of the request; absent where it says nothing. */
  readonly request?: JsonSchema;
  /** The object as a GET shows it, the same without its name around it, or something else. */
  readonly answer: 'object' | 'bare object' | JsonSchema;
}

/** Objects of another resource that belong to a member: `/v2.0/<plural>/{id}/<name>`. */
export interface Related {
  /** The plural of the other resource. */
  readonly to: string;
  readonly doc: string;
  /** `add` is a POST that names the other object, `remove` a DELETE of its id below. */
  readonly operations: readonly ('list' | 'add' | 'remove')[];
  readonly extension?: string;
  /** The body of the request that adds one. */
  readonly request?: JsonSchema;
  /** What is answered to it, where that is not just null. */
  readonly added?: JsonSchema;
  /** What the list says of each object beside its own attributes. */
  readonly beside?: Readonly<Record<string, JsonSchema>>;
}

/** What DELETE takes away before the object itself where a request says `?cascade=true`. */
export interface Cascade {
  readonly doc: string;
  readonly extension: string;
  /** The name of the resource whose objects go: those that stand in the way and that the caller may delete. */
  readonly over: string;
}

/** The resource whose objects hold these: `/v2.0/<plural of the parent>/{<name of the parent>_id}/<plural>`. */
export interface Parent {
  readonly name: string;
  readonly plural: string;
  /** The attribute that keeps the parent's id. Answers do not show it: the path has said it. */
  readonly attribute: string;
}

export interface Resource<A extends Attributes = Attributes> {
  /** Key of one object in a body, and the part of policy names: `port`. */
  readonly name: string;
  /** Key of a list in a body, and the path under /v2.0 (or under the parent): `ports`. */
  readonly plural: string;
  readonly doc: string;
  /** Stands before the collection in paths, as `qos` in /v2.0/qos/policies. Requests may leave it out. */
  readonly prefix?: string;
  readonly attributes: A;
  /** Present when its objects are parts of another resource's, and cannot be reached but through those. */
  readonly parent?: Parent;
  /** Alias of the extension that brings the whole resource; absent for the core four. */
  readonly extension?: string;
  /** The attribute that names an object in paths and marks its place in pages. */
  readonly primaryKey: string;
  /** What clients can do with it; a request for anything else is refused. */
  readonly operations: readonly Operation[];
  readonly actions: Readonly<Record<string, Action>>;
  readonly related: Readonly<Record<string, Related>>;
  readonly cascade?: Cascade;
  /** Whether its objects have tags under `/tags`. */
  readonly tagged: boolean;
}

/** Some resource, where code serves all of them alike. */
export type AnyResource = Resource;

/** `bulk` is the creation of several with one request, all or none. */
export type Operation = 'create' | 'bulk' | 'list' | 'show' | 'update' | 'delete';

interface Declaration<A extends Attributes> {
  readonly name: string;
  readonly plural: string;
  readonly doc: string;
  readonly prefix?: string;
  readonly attributes: A;
  readonly parent?: Parent;
  readonly extension?: string;
  readonly primaryKey?: string;
  readonly operations?: readonly Operation[];
  readonly actions?: Readonly<Record<string, Action>>;
  readonly related?: Readonly<Record<string, Related>>;
  readonly cascade?: Cascade;
}

export function resource<const A extends Attributes>(declaration: Declaration<A>): Resource<A> {
  return {
    primaryKey: 'id',
    operations: ['create', 'bulk', 'list', 'show', 'update', 'delete'],
    actions: {},
    related: {},
    tagged: 'tags' in declaration.attributes,
    ...declaration,
  };
}

/** What a request gives an attribute. */
type Given<At> = At extends Attribute<infer G, infer _Traits, infer _Kept> ? G : never;

/** What an attribute of an object holds. */
type Kept<At> = At extends Attribute<infer _Given, infer _Traits, infer K> ? K : never;

/** The names of the attributes of `A` whose traits include `Wanted`. */
type Having<A extends Attributes, Wanted extends Partial<Traits>> = {
  [K in keyof A]: A[K] extends { readonly traits: Wanted } ? K : never;
}[keyof A];

type Flat<T> = { readonly [K in keyof T]: T[K] };

/** `T`, and any record where the resource is not known, as in code that serves all of them. */
type Known<R extends AnyResource, T> = string extends keyof R['attributes'] ? Readonly<Record<string, unknown>> : T;

/** The named attributes of `R` with their values. */
type GivenOf<R extends AnyResource, K extends keyof R['attributes']> = { [Name in K]: Given<R['attributes'][Name]> };
type KeptOf<R extends AnyResource, K extends keyof R['attributes']> = { [Name in K]: Kept<R['attributes'][Name]> };

/** An object as it is shown to someone who may see all of it. */
export type View<R extends AnyResource> = Known<R, Flat<KeptOf<R, Having<R['attributes'], { visible: true }>>>>;

/** An object as the store keeps it, whatever tables it is spread over. */
export type Stored<R extends AnyResource> = Known<R, Flat<KeptOf<R, Having<R['attributes'], { stored: true }>>>>;

/** A create request once it has been read: defaults are filled in, what the server shall pick may be absent. */
export type Create<R extends AnyResource> = Known<
  R,
  Flat<
    GivenOf<R, Having<R['attributes'], { post: 'required' | 'defaulted' }>> &
      Partial<GivenOf<R, Having<R['attributes'], { post: 'chosen' }>>>
  >
>;

/** An update request once it has been read: what is absent stays as it is. */
export type Update<R extends AnyResource> = Known<R, Flat<Partial<GivenOf<R, Having<R['attributes'], { put: true }>>>>>;

/** The attributes of a resource with their names, in the order of the declaration. */
export function attributesOf(resource: AnyResource): readonly (readonly [string, Attribute])[] {
  return Object.entries(resource.attributes);
}

/** The path of the collection below /v2.0, with names in braces where ids stand. */
export function collectionPath({ plural, parent, prefix }: AnyResource): string {
  const path = parent === undefined ? plural : `${parent.plural}/{${parent.name}_id}/${plural}`;
  return prefix === undefined ? path : `${prefix}/${path}`;
}

/** The same path in each of the ways in which requests may write it. */
export function collectionPaths(resource: AnyResource): readonly string[] {
  const path = collectionPath(resource);
  return resource.prefix === undefined ? [path] : [path, path.slice(`${resource.prefix}/`.length)];
}
