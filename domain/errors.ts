/** The four ways in which the house says no. Mapped to HTTP in one place. */
export type RefusalCode = 'invalid' | 'not-allowed' | 'not-found' | 'conflict';

/** A refusal that the asker can understand and mend; never a fault of ours. */
export class DomainError extends Error {
  override readonly name = 'DomainError';
  readonly code: RefusalCode;
  /** The field at fault, as a path into what was sent. */
  readonly field: string | undefined;

  constructor(code: RefusalCode, message: string, field?: string) {
    super(message);
    this.code = code;
    this.field = field;
  }
}
