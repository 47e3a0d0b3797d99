// An API as its OpenAPI document describes it: what can be asked, and what may be answered.

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';

/** A JSON Schema (2020-12) as far as requests are made from it. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly examples?: readonly unknown[];
  /** The plural of the resource whose ids these are. */
  readonly 'x-references'?: string;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: Schema;
}

interface Described {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: { readonly 'application/json': { readonly schema: Schema } } };
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

export interface Operation extends Described {
  readonly method: string;
  /** Below /v2.0, with names in braces. */
  readonly path: string;
  readonly parameters: readonly Parameter[];
}

interface Document {
  readonly paths: Readonly<Record<string, PathItem>>;
}
type PathItem = Readonly<Partial<Record<(typeof methods)[number], Described>>> & {
  readonly parameters?: readonly Parameter[];
};

const methods = ['get', 'post', 'put', 'delete'] as const;

export class DescribedApi {
  readonly operations: readonly Operation[];
  readonly #document: Document;
  readonly #validator: Ajv2020;
  readonly #validations = new Map<string, ValidateFunction>();

  /** `document` is what the server gives at /openapi.json. */
  constructor(document: object) {
    // That it is an OpenAPI document another test has seen to.
    this.#document = document as Document;
    this.operations = Object.entries(this.#document.paths).flatMap(([path, item]) =>
      methods.flatMap((method) => {
        const operation = item[method];
        if (operation === undefined) return [];
        const parameters = [...(item.parameters ?? []), ...(operation.parameters ?? [])];
        return [{ ...operation, method: method.toUpperCase(), path, parameters }];
      }),
    );
    this.#validator = new Ajv2020({ strict: false, allErrors: false });
    addFormats.default(this.#validator);
    this.#validator.addSchema({ $id: 'openapi', ...document });
  }

  /** The plural of the resource that something of this name refers to: `network_id` to networks. */
  referredBy(name: string): string | undefined {
    const singular = /^(?<singular>\w+)_id$/.exec(name)?.groups?.['singular'];
    return this.operations.find(({ operationId }) => operationId === `create_${singular}`)?.tags[0];
  }

  /** The schema itself, where `schema` refers to one. */
  resolve(schema: Schema): Schema {
    if (schema.$ref === undefined) return schema;
    const found: unknown = keysOf(schema.$ref).reduce<unknown>(member, this.#document);
    return this.resolve(found as Schema);
  }

  /** What is wrong with an answer to the operation; undefined when nothing is. */
  faultOf({ path, method, responses }: Operation, status: number, body: unknown): string | undefined {
    const key = [String(status), `${Math.trunc(status / 100)}XX`, 'default'].find((each) => each in responses);
    if (key === undefined) return `the status ${status} is not described`;
    const response = responses[key];
    const isReferred = response?.$ref !== undefined;
    const keys = isReferred ? keysOf(response.$ref) : ['paths', path, method.toLowerCase(), 'responses', key];
    const content = member(keys.reduce<unknown>(member, this.#document), 'content');
    if (content === undefined) return body === undefined ? undefined : 'there is a body where none is described';
    if (member(content, 'application/json') === undefined) return undefined;
    return this.#check([...keys, 'content', 'application/json', 'schema'], body);
  }

  #check(keys: readonly string[], body: unknown): string | undefined {
    const pointer = keys.map((key) => encodeURIComponent(key.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/');
    const known = this.#validations.get(pointer);
    const validate = known ?? this.#validator.compile({ $ref: `openapi#/${pointer}` });
    this.#validations.set(pointer, validate);
    if (validate(body)) return undefined;
    return this.#validator.errorsText(validate.errors, { dataVar: 'body' });
  }
}

/** The keys of a reference within the document (RFC 6901). */
function keysOf(reference: string): readonly string[] {
  return reference
    .slice('#/'.length)
    .split('/')
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function member(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
