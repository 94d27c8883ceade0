import { type ErrorCode, errorCodes } from '@rookery/runtime';

/** An error that the caller may see. */
export class RegistryError extends Error {
  override name = 'RegistryError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): number {
    return errorCodes[this.code];
  }
}
