/**
 * A caller's mistake, or a state of the world that the caller has to deal with: what the API answers, and why. The
 * type is the name by which clients know the error; they branch on it.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly detail: string;
  /** What stands in the way; undefined for errors of which nothing does. The caller need not be allowed to see it. */
  readonly blockers: readonly Blocker[] | undefined;
  readonly #blockedBy: BlockedBy | undefined;

  constructor({ status, type, message, detail = '', blockers, blockedBy }: ApiErrorParts) {
    super(message);
    this.name = type;
    this.status = status;
    this.type = type;
    this.detail = detail;
    this.blockers = blockers;
    this.#blockedBy = blockedBy;
  }

  /** The same error, which tells the caller what stands in the way, as far as it may know. */
  telling(blockedBy: BlockedBy): ApiError {
    const { status, type, message, detail, blockers = [] } = this;
    return new ApiError({ status, type, message, detail, blockers, blockedBy });
  }

  /** The body of the answer. */
  body(): { readonly NeutronError: ErrorBody } {
    return { NeutronError: { type: this.type, message: this.message, detail: this.detail, ...this.#blockedBy } };
  }
}

/** Neutron's three members; ours beside them where something stands in the way. */
export interface ErrorBody extends Partial<BlockedBy> {
  readonly type: string;
  readonly message: string;
  readonly detail: string;
}

/** What stands in the way of a request, as far as the caller may know it. */
export interface BlockedBy {
  /** What the caller could GET. */
  readonly blocked_by: readonly { readonly resource: string; readonly id: string; readonly name: string }[];
  /** How many more objects there are: others' objects, and those beyond the largest number that is named. */
  readonly blocked_by_others: number;
}

export interface ApiErrorParts {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly detail?: string;
  readonly blockers?: readonly Blocker[];
  readonly blockedBy?: BlockedBy | undefined;
}

/** An object that keeps a request from being done, such as a port on a network that is to be removed. */
export interface Blocker {
  /** The singular name of its resource, as declared. */
  readonly resource: string;
  readonly id: string;
}

export function blockersOf(resource: string, ids: readonly string[]): readonly Blocker[] {
  return ids.map((id) => ({ resource, id }));
}

/** A declared error: `new NetworkInUse({ net_id, reason })`. */
export interface ApiErrorClass<Args> {
  new (args: Args): ApiError;
  readonly type: string;
  readonly status: number;
  /** Whether its answers say what stands in the way. */
  readonly namesBlockers: boolean;
}

/** Declares an error by its status, its name and its message. The arguments carry Neutron's own names. */
export function declareError<Args>(status: number, type: string, message: (args: Args) => string): ApiErrorClass<Args> {
  return class extends ApiError {
    static readonly type = type;
    static readonly status = status;
    static readonly namesBlockers = false;

    constructor(args: Args) {
      super({ status, type, message: message(args) });
    }
  };
}

/** What an error is given besides its own arguments where other objects are the reason. */
export interface Blocked {
  readonly blockers: readonly Blocker[];
}

/**
 * Declares a conflict with what uses or holds something: a 409, but for one where Neutron has another status. Whoever
 * throws it has to say what stands in the way.
 */
export function declareInUse<Args>(
  type: string,
  message: (args: Args) => string,
  status = 409,
): ApiErrorClass<Args & Blocked> {
  return class extends ApiError {
    static readonly type = type;
    static readonly status = status;
    static readonly namesBlockers = true;

    constructor(args: Args & Blocked) {
      super({ status, type, message: message(args), blockers: args.blockers });
    }
  };
}
