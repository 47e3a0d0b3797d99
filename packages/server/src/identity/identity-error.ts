// What the identity API answers when it will not do something: status, title and message as Keystone gives them.

export class IdentityError extends Error {
  override readonly name = 'IdentityError';
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, message: string) {
    super(message);
    this.status = status;
    this.title = title;
  }

  body(): { readonly error: { readonly code: number; readonly title: string; readonly message: string } } {
    return { error: { code: this.status, title: this.title, message: this.message } };
  }
}

export const badRequest = (message: string): IdentityError => new IdentityError(400, 'Bad Request', message);

/** Says nothing of the reason, so that nobody learns which users exist. */
export const unauthorized = (): IdentityError =>
  new IdentityError(401, 'Unauthorized', 'The request you have made requires authentication.');

/** `action` is the name that Keystone's policy has for it, without its prefix `identity:`. */
export const forbidden = (action: string): IdentityError =>
  new IdentityError(403, 'Forbidden', `You are not authorized to perform the requested action: identity:${action}.`);

export const refused = (message: string): IdentityError => new IdentityError(403, 'Forbidden', message);

export const notFound = (kind: string, id: string): IdentityError =>
  new IdentityError(404, 'Not Found', `Could not find ${kind}: ${id}.`);

export const conflict = (kind: string, details: string): IdentityError =>
  new IdentityError(409, 'Conflict', `Conflict occurred attempting to store ${kind} - ${details}.`);
