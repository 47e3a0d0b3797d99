/**
 * A caller's mistake, or a state of the world that the caller has to deal with: what the API answers, and why. The
 * type is the name by which clients know the error; they branch on it.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly detail: string;

  constructor({ status, type, message, detail = '' }: ApiErrorParts) {
    super(message);
    this.name = type;
    this.status = status;
    this.type = type;
    this.detail = detail;
  }

  /** The body of the answer. */
  body(): { readonly NeutronError: { readonly type: string; readonly message: string; readonly detail: string } } {
    return { NeutronError: { type: this.type, message: this.message, detail: this.detail } };
  }
}

export interface ApiErrorParts {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly detail?: string;
}

/** A declared error: `new NetworkInUse({ net_id, reason })`. */
export interface ApiErrorClass<Args> {
  new (args: Args): ApiError;
  readonly type: string;
  readonly status: number;
}

/** Declares an error by its status, its name and its message. The arguments carry Neutron's own names. */
export function declareError<Args>(status: number, type: string, message: (args: Args) => string): ApiErrorClass<Args> {
  return class extends ApiError {
    static readonly type = type;
    static readonly status = status;

    constructor(args: Args) {
      super({ status, type, message: message(args) });
    }
  };
}
